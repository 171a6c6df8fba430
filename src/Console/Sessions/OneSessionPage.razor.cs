using Handrail.Access;
using Handrail.Live;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;

namespace Handrail.Sessions;

/// <summary>One session: what it did, what was decided, what was ordered; live.</summary>
public partial class OneSessionPage
{
    private SessionScreen? _screen;
    private StepContentReading? _content;
    private string? _contentOf;
    private int? _earlier;
    private bool _mayControl;
    private bool _missing;

    [Inject]
    public required SessionScreens Sessions { get; set; }

    [Inject]
    public required StepQueries StepContents { get; set; }

    [Inject]
    public required ControlSession Control { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Parameter]
    public required string Id { get; set; }

    /// <summary>The open step, as <see cref="StepList.Key"/> names it.</summary>
    [SupplyParameterFromQuery]
    public string? Step { get; set; }

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
            (_screen, _earlier) = (null, null);
        }

        return base.OnParametersSetAsync();
    }

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        var caller = await Caller.GetAsync();
        _mayControl = caller.May(Permission.Control);
        try
        {
            _screen = await Sessions.ReadAsync(caller, Id, _earlier, cancel);
            _earlier = _screen.Earlier;
            _missing = false;
        }
        catch (Refusal refusal) when (refusal.Kind == RefusalKind.NotFound)
        {
            (_screen, _missing) = (null, true);
            return;
        }

        if (_contentOf != Step)
        {
            // What a step said never changes once it is here: read once.
            _content = Step?.Split('.') is [var trace, var span] && _screen.Steps.Any(s => StepList.Key(s) == Step)
                ? await StepContents.ContentAsync(caller, trace, span, cancel)
                : null;
            _contentOf = Step;
        }
    }

    private static string AddressOf(string id) => $"/sessions/{Uri.EscapeDataString(id)}";

    private Task EarlierAsync()
    {
        _earlier = Math.Max(0, (_earlier ?? 0) - SessionScreens.FirstSteps);
        return RefreshAsync();
    }

    private async Task OrderAsync(ControlKind kind)
    {
        var words = OrderWords.ForSession(kind);
        var reason = await Deeds.AskAsync(words.Question, words.Effect, words.Deed, required: kind != ControlKind.Resume, colour: words.Colour);
        if (reason is not null)
        {
            await Deeds.TryAsync(words.Done, async () => await Control.HandleAsync(await Caller.GetAsync(), Id, kind, reason, null, null, CancellationToken.None));
            await RefreshAsync();
        }
    }
}
