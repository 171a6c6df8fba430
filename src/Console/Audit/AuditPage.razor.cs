using System.Globalization;
using System.Text.Json;
using Handrail.Access;
using Handrail.Live;
using Handrail.Shell;
using Handrail.Shell.Display;
using Handrail.Store;
using Microsoft.AspNetCore.Components;

namespace Handrail.Audit;

/// <summary>Who did what to what, and why. New records are announced, so that nothing moves under a reader.</summary>
public sealed partial class AuditPage
{
    private const int Portion = 100;

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly HashSet<long> _open = [];
    private AuditListing? _page;
    private AuditVerification? _verification;
    private AuditProgress? _progress;
    private CancellationTokenSource? _verifying;
    private string? _failure;
    private string? _read;
    private bool _news;
    private bool? _denied;

    [Inject]
    public required AuditQueries Records { get; set; }

    [Inject]
    public required VerifyAudit Verification { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    /// <summary>The zone of the person's browser; from the layout.</summary>
    [CascadingParameter]
    public TimeZoneInfo Zone { get; set; } = TimeZoneInfo.Utc;

    [SupplyParameterFromQuery]
    public string? Actor { get; set; }

    [SupplyParameterFromQuery]
    public string? Act { get; set; }

    [SupplyParameterFromQuery]
    public string? Target { get; set; }

    /// <summary>The user on whose behalf agents worked.</summary>
    [SupplyParameterFromQuery]
    public string? User { get; set; }

    [SupplyParameterFromQuery]
    public string? Agent { get; set; }

    [SupplyParameterFromQuery]
    public string? Session { get; set; }

    [SupplyParameterFromQuery]
    public string? Since { get; set; }

    [SupplyParameterFromQuery]
    public string? Until { get; set; }

    /// <summary>The page's start: records before this one.</summary>
    [SupplyParameterFromQuery]
    public string? Before { get; set; }

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Audit);

    private AuditAddress Address => new(Actor, Act, Target, Since, Until, User, Agent, Session);

    private string Share => (_progress is { Records: > 0 } come ? (double)come.Verified / come.Records : 0).ToString("0.###", CultureInfo.InvariantCulture);

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        var caller = await Caller.GetAsync();
        _denied = !caller.May(Permission.ReadAudit);
        if (_denied is true)
        {
            return;
        }

        // An address that somebody has mistyped starts at the newest.
        var cursor = long.TryParse(Before, CultureInfo.InvariantCulture, out _) ? Before : null;
        var page = await Records.ListAsync(caller, Address.Filter, cursor, Portion, cancel);
        var address = Navigation.Uri;
        if (_page is null || _read != address)
        {
            (_page, _read, _news) = (page, address, false);
        }
        else
        {
            _news = Before is null && Newest(page) != Newest(_page);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            StopVerifying();
        }

        base.Dispose(disposing);
    }

    private static long Newest(AuditListing page) => page.Items.Count > 0 ? page.Items[0].Seq : 0;

    private Task ShowNewsAsync()
    {
        _read = null;
        return RefreshAsync();
    }

    private void Verify()
    {
        (_verifying, _verification, _progress, _failure) = (new CancellationTokenSource(), null, null, null);
        Beside(VerifyAsync);
    }

    private async Task VerifyAsync(CancellationToken gone)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(gone, _verifying!.Token);
        try
        {
            var progress = new Progress<AuditProgress>(come =>
            {
                _progress = come;
                StateHasChanged();
            });
            _verification = await Verification.HandleAsync(await Caller.GetAsync(), [], progress, stop.Token);
        }
        catch (OperationCanceledException) when (!gone.IsCancellationRequested)
        {
            _failure = "Stopped before the end: nothing is proven.";
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            _failure = "The database could not be read: nothing is proven. Try again.";
        }
        finally
        {
            _verifying.Dispose();
            _verifying = null;
        }

        StateHasChanged();
    }

    private void StopVerifying() => _verifying?.Cancel();

    private void Toggle(long seq)
    {
        if (!_open.Remove(seq))
        {
            _open.Add(seq);
        }
    }

    private void Go(AuditAddress address) => Navigation.NavigateTo(address.OnPage());

    private string? Local(DateTimeOffset? moment) =>
        moment is { } at ? TimeZoneInfo.ConvertTime(at, Zone).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture) : null;

    /// <summary>What stands in a field, as a moment of the person's own zone; null for none.</summary>
    private DateTimeOffset? Moment(object? field) =>
        DateTime.TryParse(field as string, CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock) && clock.Year is > 1 and < 9999 ? new DateTimeOffset(clock, Zone.GetUtcOffset(clock)) : null;

    private static string Heads(AuditVerification proof) => proof.Days switch
    {
        0 => "No day is over yet that has a signed head.",
        1 => "The signed head of one day fits.",
        _ => $"The signed heads of {Figures.Count(proof.Days)} days fit.",
    };

    private static string? Readable(JsonElement? value) => value is null ? null : JsonSerializer.Serialize(value.Value, Indented);
}
