using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Handrail.Telemetry;

/// <summary>
/// Makes a step of a log record. Records have no id: a step's is made of what it tells, so that a record sent twice is one step. Where no
/// trace holds the records together, those of a turn make one of their own.
/// </summary>
internal static class LogStep
{
    /// <summary>An event's name is short; a longer body is a text.</summary>
    private const int LongestName = 200;

    /// <summary>The event's name and its row of the table; null for a record that tells of nothing an agent did.</summary>
    public static (string Name, LogEvent Row)? Find(ReadOnlySpan<byte> body, in LogParts log, Scratch scratch)
    {
        var facts = new Facts(body, scratch.Span, scratch);
        string? named = facts.Label(DialectTable.EventName);
        string? said = log.Body.Kind == ValueKind.Text && log.Body.Slice.Length <= LongestName ? Text(body, log.Body.Slice) : null;
        string? recorded = log.EventName.Length is > 0 and <= LongestName ? Text(body, log.EventName) : null;
        foreach (string? name in (ReadOnlySpan<string?>)[named, said, recorded])
        {
            if (name is { Length: > 0 } && Row(facts, name) is { } row)
                return (name, row);
        }

        return null;
    }

    public static Step Map(
        ReadOnlySpan<byte> body, in LogParts log, (string Name, LogEvent Row) found, DateTimeOffset at, ResourceFacts resource, ScopeFacts scope,
        Scratch scratch)
    {
        LogEvent row = found.Row;
        var facts = new Facts(body, scratch.Span, scratch) { Dialect = row.Dialect };
        bool isOfTrace = log.TraceId.Length == 16 && !StepMapping.IsZero(body, log.TraceId);
        string? trace = isOfTrace ? Convert.ToHexStringLower(body.Slice(log.TraceId.Start, 16)) : null;
        string? turn = facts.Label(DialectTable.TurnId);
        TimeSpan took = facts.Amount(row.DurationMs) is { } ms and < 86_400_000 ? TimeSpan.FromMilliseconds((double)ms) : TimeSpan.Zero;
        var parts = new SpanParts { Body = row is { IsInput: false, IsOutput: false } ? log.Body : default, Severity = log.Severity };
        Step step = StepMapping.Map(body, parts, at - took, at, resource, scope, scratch, row);

        bool isUnderSpan = isOfTrace && log.SpanId.Length == 8 && !StepMapping.IsZero(body, log.SpanId);
        bool isOwnTurn = !isOfTrace || resource.Ledger is not null;
        string session = step.SessionId ?? resource.SessionId ?? $"{resource.ServiceName}\n{scope.Name}";
        // A turn that goes by the session's own id is none: all its prompts have that id.
        bool namesTurn = turn is not null && turn != session;
        string prompt = Digest(16, row.Dialect.Name, session, turn, "prompt");
        string spanId = row.BeginsTurn && namesTurn ? prompt
            : Digest(16, row.Dialect.Name, session, turn, found.Name, step.CallId, step.CallId is null ? at.UtcTicks.ToString(CultureInfo.InvariantCulture) : null, step.CallId is null ? step.AttributesJson : null);

        string? parent = isOwnTurn ? !namesTurn || spanId == prompt ? null : prompt
            : isUnderSpan ? Convert.ToHexStringLower(body.Slice(log.SpanId.Start, 8)) : null;
        return step with
        {
            TraceId = !isOwnTurn ? trace! : OwnTrace(row.Dialect, step.SessionId is null ? null : session, turn ?? trace) ?? Digest(32, spanId),
            SpanId = spanId,
            ParentSpanId = parent,
            Name = found.Name.Contains('.', StringComparison.Ordinal) ? found.Name : row.Name,
            InputMessages = row.IsInput ? BodyText(body, log, scratch) : step.InputMessages,
            OutputMessages = row.IsOutput ? BodyText(body, log, scratch) : step.OutputMessages,
        };
    }

    /// <summary>Null for a record that names neither session nor turn: it stands alone.</summary>
    private static string? OwnTrace(Dialect dialect, string? session, string? turn) =>
        session is null && turn is null ? null : Digest(32, dialect.Name, session, turn);

    private static LogEvent? Row(Facts facts, string name)
    {
        bool isNamed = false;
        foreach (LogEvent row in DialectTable.Events)
        {
            if (!row.Names(name) || (isNamed && row.Name is [.., '*']))
                continue;
            isNamed = true;
            if (row.When is null || facts.Says(row.When))
                return row;
        }

        return null;
    }

    private static string Text(ReadOnlySpan<byte> body, Slice slice) => TextPool.Decode(body.Slice(slice.Start, slice.Length));

    private static string? BodyText(ReadOnlySpan<byte> body, in LogParts log, Scratch scratch) => new Facts(body, scratch.Span, scratch).Text(log.Body);

    /// <summary>So many hex digits that the same parts always give.</summary>
    private static string Digest(int digits, params ReadOnlySpan<string?> parts)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\u001f', parts)));
        return Convert.ToHexStringLower(hash.AsSpan(0, digits / 2));
    }
}
