using System.Text.Json;
using Handrail.Access;
using Handrail.Live;
using Handrail.Shell;
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
    private string? _read;
    private bool _verifying;
    private bool _news;
    private bool _denied;

    [Inject]
    public required AuditQueries Records { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [SupplyParameterFromQuery]
    public string? Actor { get; set; }

    [SupplyParameterFromQuery]
    public string? Act { get; set; }

    [SupplyParameterFromQuery]
    public string? Target { get; set; }

    /// <summary>The page's start: records before this one.</summary>
    [SupplyParameterFromQuery]
    public string? Before { get; set; }

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Audit);

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        var caller = await Caller.GetAsync();
        _denied = !caller.May(Permission.ReadAudit);
        if (_denied)
        {
            return;
        }

        var filter = new AuditFilter(Actor, Act, Target, null, null);
        var page = await Records.ListAsync(caller, filter, Before, Portion, cancel);
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

    private static long Newest(AuditListing page) => page.Items.Count > 0 ? page.Items[0].Seq : 0;

    private Task ShowNewsAsync()
    {
        _read = null;
        return RefreshAsync();
    }

    private async Task VerifyAsync()
    {
        _verifying = true;
        try
        {
            _verification = await Records.VerifyAsync(await Caller.GetAsync(), CancellationToken.None);
        }
        finally
        {
            _verifying = false;
        }
    }

    private void Toggle(long seq)
    {
        if (!_open.Remove(seq))
        {
            _open.Add(seq);
        }
    }

    private void Narrow(string name, object? value) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { [name] = value as string is { Length: > 0 } text ? text : null, ["before"] = null }));

    private string Address(string? before) => Navigation.GetUriWithQueryParameter("before", before);

    private static string? Readable(JsonElement? value) => value is null ? null : JsonSerializer.Serialize(value.Value, Indented);
}
