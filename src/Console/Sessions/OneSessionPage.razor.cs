using System.Globalization;
using Handrail.Access;
using Handrail.Costs;
using Handrail.Live;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;

namespace Handrail.Sessions;

/// <summary>One session: what it did, what was decided, what was ordered; live.</summary>
public partial class OneSessionPage
{
    /// <summary>A session of more steps than this is read again at most every <see cref="LongPace"/>: reading it takes tens of milliseconds.</summary>
    private const int LongSession = 600;

    private const int MostErrors = 50;

    private static readonly TimeSpan LongPace = TimeSpan.FromSeconds(2);

    private SessionScreen? _screen;
    private StepContentReading? _content;
    private string? _contentOf;
    private string? _shown;
    private DateTimeOffset _readAt;
    private DateTimeOffset? _moment;
    private Moments? _moments;
    private SessionCurves? _curves;
    private AgentGraph? _graph;
    private ContextOrigins? _origins;
    private TranscriptReader? _reader;
    private SessionStep? _open;
    private IReadOnlyList<SpokenLine> _transcript = [];
    private IReadOnlyList<SessionStep> _errors = [];
    private long _saved;
    private bool _mayControl;
    private bool _mayTakeOver;
    private string? _me;
    private bool _mayRead;
    private bool _missing;

    [Inject]
    public required SessionScreens Sessions { get; set; }

    [Inject]
    public required StepQueries StepContents { get; set; }

    [Inject]
    public required PageOrders Orders { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Parameter]
    public required string Id { get; set; }

    /// <summary>The open step, as <see cref="StepList.Key"/> names it.</summary>
    [SupplyParameterFromQuery]
    public string? Step { get; set; }

    /// <summary>The moment as which the session is shown, RFC 3339; null for now.</summary>
    [SupplyParameterFromQuery]
    public string? Until { get; set; }

    [CascadingParameter]
    public TimeZoneInfo Zone { get; set; } = TimeZoneInfo.Utc;

    protected override LiveTopics Topics => LiveTopics.Where(
        $"session {Id}",
        hint => hint.Kind switch
        {
            HintKind.Session => hint.Key == Id || hint.Key == _screen?.Session.SessionId,
            HintKind.Action => hint.Key.StartsWith(Id + "\n", StringComparison.Ordinal),
            _ => hint.Key == Scopes.Fleet || hint.Key == Scopes.Session(Id) || hint.Key == Scopes.Agent(_screen?.Session.Agent ?? ""),
        },
        HintKind.Session, HintKind.Action, HintKind.Control);

    protected override Task OnParametersSetAsync()
    {
        if (_screen is not null && _screen.Session.SessionId != Id)
        {
            (_screen, _moments, _reader) = (null, null, null);
        }

        _moment = DateTimeOffset.TryParse(Until, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.ToUniversalTime() : null;
        return base.OnParametersSetAsync();
    }

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        var rights = await Caller.RightsAsync(cancel);
        var caller = rights.Caller;
        var asked = $"{Id} {Step} {Until}";
        if (_shown == asked && _screen is { Steps.Count: > LongSession } && Now - _readAt < LongPace)
        {
            return;
        }

        try
        {
            _screen = await Sessions.ReadAsync(caller, Id, _moment, cancel);
            (_missing, _shown, _readAt) = (false, asked, Now);
            Mirror(rights, [_screen.Session.Agent, .. _screen.Session.Agents]);
        }
        catch (Refusal refusal) when (refusal.Kind == RefusalKind.NotFound)
        {
            (_screen, _missing) = (null, true);
            return;
        }

        await PictureAsync(caller, _screen, cancel);
        _open = _screen.Steps.FirstOrDefault(s => StepList.Key(s) == Step);
        if (_contentOf != Step)
        {
            // What a step said never changes once it is here: read once.
            _content = _open is null ? null : await StepContents.ContentAsync(caller, _open.TraceId, _open.SpanId, cancel);
            _contentOf = Step;
        }
    }

    /// <summary>Over a session reaches who reaches all who worked in it.</summary>
    private void Mirror(Rights rights, IReadOnlyCollection<string> agents)
    {
        (_mayControl, _mayRead) = (rights.OverAll(Permission.Control, agents), rights.OverAll(Permission.ViewContent, agents));
        (_mayTakeOver, _me) = (_mayControl || rights.OverAll(Permission.Decide, agents), rights.Caller.Name);
    }

    private async Task PictureAsync(Caller caller, SessionScreen screen, CancellationToken cancel)
    {
        if (_moment is null)
        {
            // The scrubber goes over all there is, and the curves show it, whatever moment is looked at.
            _moments = Moments.Of(screen);
            _curves = SessionCurves.Of(screen.Steps, screen.OtherCosts, screen.Breakers, screen.Session.CostNanos);
        }
        else if (_moments is null)
        {
            var now = await Sessions.ReadAsync(caller, Id, null, cancel);
            _moments = Moments.Of(now);
            _curves = SessionCurves.Of(now.Steps, now.OtherCosts, now.Breakers, now.Session.CostNanos);
        }

        _graph = AgentGraph.Of(screen.Steps);
        _origins = ContextOrigins.Of(screen.Steps);
        _saved = screen.Steps.Sum(s => s.SavedNanos ?? 0);
        _errors = [.. screen.Steps.Where(s => s.Failed).Reverse().Take(MostErrors)];
        _transcript = await (_reader ??= new TranscriptReader(StepContents)).ReadAsync(caller, screen, _mayRead, cancel);
    }

    /// <summary>What it spent, by its days; one more on each side, for they are counted in the reader's zone.</summary>
    private static string CostsAddress(SessionReading session) => new CostAddress(null, null, null, null, null, null, null, null, session.SessionId)
        .Within(DateOnly.FromDateTime(session.StartedAt.UtcDateTime).AddDays(-1), DateOnly.FromDateTime(session.LastActivityAt.UtcDateTime).AddDays(1)).At(CostAddress.Page);

    private static string AddressOf(string id) => $"/sessions/{Uri.EscapeDataString(id)}";

    private string Address(string? step, string? until)
    {
        var query = string.Join('&', new[] { ("step", step), ("until", until) }.Where(p => p.Item2 is not null).Select(p => $"{p.Item1}={Uri.EscapeDataString(p.Item2!)}"));
        return query.Length == 0 ? AddressOf(Id) : $"{AddressOf(Id)}?{query}";
    }

    private async Task OrderAsync(ControlKind kind)
    {
        if (await Orders.ToSessionAsync(Id, kind))
        {
            await RefreshAsync();
        }
    }
}
