using System.Linq.Expressions;
using Handrail.Store;

namespace Handrail.Sessions;

/// <summary>The orders of a list of sessions, each going on by key: by what it orders by, then by id.</summary>
internal static class SessionOrdering
{
    private static readonly Expression<Func<Session, string>> Id = s => s.Id;

    private static readonly Expression<Func<Session, string>> Agent = s => s.Agent;

    private static readonly Expression<Func<Session, string>> Title = s => s.Title ?? s.Id;

    private static readonly Expression<Func<Session, DateTimeOffset>> StartedAt = s => s.StartedAt;

    private static readonly Expression<Func<Session, DateTimeOffset>> LastActivityAt = s => s.LastActivityAt;

    private static readonly Expression<Func<Session, long>> CostNanos = s => s.CostNanos;

    private static readonly Expression<Func<Session, int>> Steps = s => s.Steps;

    private static readonly Expression<Func<Session, int>> Turns = s => s.Turns;

    private static readonly Expression<Func<Session, long>> Tokens = s => s.InputTokens + s.OutputTokens;

    private static readonly Expression<Func<Session, long>> ContextTokens = s => s.ContextTokens;

    private static readonly Expression<Func<Session, int>> Urgency = s =>
        s.State == SessionState.Waiting ? 9
        : s.State == SessionState.TakenOver ? 8
        : s.State == SessionState.Stopping ? 7
        : s.State == SessionState.Lost ? 6
        : s.State == SessionState.Paused ? 5
        : s.State == SessionState.Running ? 4
        : s.State == SessionState.Failed ? 3
        : s.State == SessionState.Stopped ? 2
        : s.State == SessionState.Abandoned ? 1 : 0;

    private static readonly Func<Session, int> UrgencyOf = Urgency.Compile();

    public static IOrderedQueryable<Session> InOrder(this IQueryable<Session> rows, SessionOrder order) => order.By switch
    {
        SessionSort.StartedAt => InOrder(rows, StartedAt, order),
        SessionSort.CostUsd => InOrder(rows, CostNanos, order),
        SessionSort.Steps => InOrder(rows, Steps, order),
        SessionSort.Turns => InOrder(rows, Turns, order),
        SessionSort.Tokens => InOrder(rows, Tokens, order),
        SessionSort.ContextTokens => InOrder(rows, ContextTokens, order),
        SessionSort.State => InOrder(rows, Urgency, order),
        SessionSort.Agent => InOrder(rows, Agent, order),
        SessionSort.Title => InOrder(rows, Title, order),
        _ => InOrder(rows, LastActivityAt, order),
    };

    /// <summary>
    /// What comes after a page's end, in parts that follow one another: the rest of those that stand level with its last session, then those
    /// beyond. Apart, because an index finds where each begins, and neither database does for both at once.
    /// </summary>
    /// <exception cref="Refusal">The cursor is none of ours, or of another order.</exception>
    public static IQueryable<Session>[] After(this IQueryable<Session> rows, SessionOrder order, string? cursor)
    {
        if (cursor is null)
        {
            return [rows];
        }

        switch (order.By)
        {
            case SessionSort.Agent or SessionSort.Title:
                var (word, wordId) = ReadWord(cursor);
                return After(rows, order.By == SessionSort.Agent ? Agent : Title, word, wordId, order);
            case SessionSort.CostUsd or SessionSort.Tokens or SessionSort.ContextTokens:
                var (figure, figureId) = Cursor.ReadNumber(cursor);
                return After(rows, order.By switch { SessionSort.CostUsd => CostNanos, SessionSort.Tokens => Tokens, _ => ContextTokens }, figure, figureId, order);
            case SessionSort.Steps or SessionSort.Turns or SessionSort.State:
                var (count, countId) = Cursor.ReadNumber(cursor);
                var bounded = (int)Math.Clamp(count, int.MinValue, int.MaxValue);
                return After(rows, order.By switch { SessionSort.Steps => Steps, SessionSort.Turns => Turns, _ => Urgency }, bounded, countId, order);
            default:
                var (at, atId) = Cursor.Read(cursor);
                return After(rows, order.By == SessionSort.StartedAt ? StartedAt : LastActivityAt, at, atId, order);
        }
    }

    public static string CursorOf(Session last, SessionOrder order) => order.By switch
    {
        SessionSort.StartedAt => Cursor.Of(last.StartedAt, last.Id),
        SessionSort.CostUsd => Cursor.Of(last.CostNanos, last.Id),
        SessionSort.Steps => Cursor.Of(last.Steps, last.Id),
        SessionSort.Turns => Cursor.Of(last.Turns, last.Id),
        SessionSort.Tokens => Cursor.Of(last.InputTokens + last.OutputTokens, last.Id),
        SessionSort.ContextTokens => Cursor.Of(last.ContextTokens, last.Id),
        SessionSort.State => Cursor.Of(UrgencyOf(last), last.Id),
        SessionSort.Agent => Cursor.Of(last.Agent.Length, last.Agent + last.Id),
        SessionSort.Title => Cursor.Of((last.Title ?? last.Id).Length, (last.Title ?? last.Id) + last.Id),
        _ => Cursor.Of(last.LastActivityAt, last.Id),
    };

    /// <summary>A word may hold anything: its length says where it ends and the id begins.</summary>
    private static (string Word, string Id) ReadWord(string cursor)
    {
        var (length, text) = Cursor.ReadNumber(cursor);
        return length >= 0 && length <= text.Length ? (text[..(int)length], text[(int)length..]) : throw Refusal.Invalid("cursor", "is none that a page gave out.");
    }

    private static IOrderedQueryable<Session> InOrder<TKey>(IQueryable<Session> rows, Expression<Func<Session, TKey>> key, SessionOrder order) =>
        order.Ascending ? rows.OrderBy(key).ThenBy(Id) : rows.OrderByDescending(key).ThenByDescending(Id);

    private static IQueryable<Session>[] After<TKey>(IQueryable<Session> rows, Expression<Func<Session, TKey>> key, TKey value, string id, SessionOrder order)
    {
        // Values as members of a closure, which become parameters of the statement.
        Expression<Func<TKey>> at = () => value;
        Expression<Func<string>> last = () => id;
        var session = key.Parameters[0];
        var ofSession = new Rename(Id.Parameters[0], session).Visit(Id.Body);
        var level = Expression.AndAlso(Expression.Equal(key.Body, at.Body), Beyond(ofSession, last.Body, order));
        return [rows.Where(Expression.Lambda<Func<Session, bool>>(level, session)), rows.Where(Expression.Lambda<Func<Session, bool>>(Beyond(key.Body, at.Body, order), session))];
    }

    private static BinaryExpression Beyond(Expression key, Expression value, SessionOrder order)
    {
        if (key.Type == typeof(string))
        {
            (key, value) = (Expression.Call(typeof(string), nameof(string.Compare), null, key, value), Expression.Constant(0));
        }

        return order.Ascending ? Expression.GreaterThan(key, value) : Expression.LessThan(key, value);
    }

    private sealed class Rename(ParameterExpression from, ParameterExpression to) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : node;
    }
}
