using Handrail.Access;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;

namespace Handrail.Sessions;

/// <summary>What a person does in a session that the person has taken over: write, hand it back, or end it.</summary>
public partial class TakenOverPanel
{
    private static readonly (string Word, string Outcome)[] Outcomes = [("Completed", "completed"), ("Failed", "failed"), ("Abandoned", "abandoned")];

    /// <summary>Typing counts as a sign of the person this often: the lease is as long as many of these.</summary>
    private static readonly TimeSpan SignEvery = TimeSpan.FromMinutes(1);

    private string _to = "user";
    private string _text = "";
    private string _note = "";
    private string _outcome = "completed";
    private bool _handing;
    private bool _ending;
    private bool _busy;
    private DateTimeOffset _signAt;

    [Inject]
    public required ControlSession Control { get; set; }

    [Inject]
    public required EndSession Ending { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Inject]
    public required TimeProvider Time { get; set; }

    [Parameter, EditorRequired]
    public required SessionReading Session { get; set; }

    /// <summary>The session is other than it was.</summary>
    [Parameter]
    public EventCallback Changed { get; set; }

    private Task SendAsync() => DoAsync(_to == "user" ? "Sent: the agent passes it on." : "Sent to the agent.", async caller =>
    {
        await Control.WriteAsync(caller, Session.SessionId, _text.Trim(), _to, null, CancellationToken.None);
        _text = "";
    });

    private Task HandBackAsync() => DoAsync("Handed back: the agent goes on.", caller =>
        Control.HandleAsync(caller, Session.SessionId, ControlKind.HandBack, null, _note.Trim() is { Length: > 0 } note ? note : null, null, CancellationToken.None));

    private Task EndAsync() => DoAsync("The session is over.", caller =>
        Ending.HandleAsync(caller, Session.SessionId, new SessionEnd(_outcome) { Summary = _note.Trim() is { Length: > 0 } note ? note : null }, CancellationToken.None));

    private async Task DoAsync(string done, Func<Caller, Task> deed)
    {
        if (_busy)
        {
            return;
        }

        _busy = true;
        try
        {
            await Deeds.TryAsync(done, async () => await deed(await Caller.GetAsync()));
        }
        finally
        {
            _busy = false;
        }

        await Changed.InvokeAsync();
    }

    private async Task TypedAsync(ChangeEventArgs change)
    {
        _text = change.Value as string ?? "";
        if (Time.GetUtcNow() - _signAt > SignEvery)
        {
            _signAt = Time.GetUtcNow();
            await Control.StayAsync(await Caller.GetAsync(), Session.SessionId, CancellationToken.None);
        }
    }
}
