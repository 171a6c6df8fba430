using Handrail.Access;
using Handrail.Live;
using Handrail.Shell;
using Handrail.Store;
using Microsoft.AspNetCore.Components;

namespace Handrail.Notify;

/// <summary>What was sent outside, what waits and what was given up, newest first.</summary>
public sealed partial class DeliveriesPage
{
    private const int Portion = 50;

    private DeliveryListing? _page;
    private IReadOnlyList<ChannelReading> _channels = [];
    private bool _denied;

    [Inject]
    public required DeliveryQueries Deliveries { get; set; }

    [Inject]
    public required NotificationChannels Channels { get; set; }

    [Inject]
    public required ResendDeliveries Resend { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [SupplyParameterFromQuery]
    public string? Status { get; set; }

    [SupplyParameterFromQuery]
    public string? Channel { get; set; }

    [SupplyParameterFromQuery]
    public string? Kind { get; set; }

    /// <summary>The page's start: deliveries before this one.</summary>
    [SupplyParameterFromQuery]
    public string? Before { get; set; }

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Notice);

    private bool Narrowed => Status is not null || Channel is not null || Kind is not null || Before is not null;

    /// <summary>The channel whose dead letters are shown, and can go again together.</summary>
    private ChannelReading? Dead => Status == "dead" && Channel is not null ? _channels.FirstOrDefault(c => c.Id == Channel) : null;

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        var caller = await Caller.GetAsync();
        _denied = !caller.May(Permission.Administer);
        if (_denied)
        {
            return;
        }

        _channels = await Channels.ListAsync(caller, cancel);
        var filter = new DeliveryFilter(
            EnumText<DeliveryStatus>.TryParse(Status, out var status) ? status : null, Channel, EnumText<NoticeKind>.TryParse(Kind, out var kind) ? kind : null);
        try
        {
            _page = await Deliveries.ListAsync(caller, filter, Before, Portion, cancel);
        }
        catch (Refusal) when (Before is not null)
        {
            // An address that was cut off: from the start then.
            _page = await Deliveries.ListAsync(caller, filter, null, Portion, cancel);
        }
    }

    private async Task ResendAsync(DeliveryReading delivery)
    {
        await Deeds.TryAsync("It goes again.", async () => await Resend.OneAsync(await Caller.GetAsync(), delivery.Id, CancellationToken.None));
        await RefreshAsync();
    }

    private async Task ResendAllAsync(ChannelReading channel)
    {
        await Deeds.TryAsync("They go again.", async () => await Resend.OfChannelAsync(await Caller.GetAsync(), channel.Id, CancellationToken.None));
        await RefreshAsync();
    }

    private static string? Place(DeliveryReading delivery) =>
        delivery.HandoffId is { } handoff ? $"/inbox?handoff={Uri.EscapeDataString(handoff)}"
        : delivery.SessionId is { } session ? $"/sessions/{Uri.EscapeDataString(session)}"
        : null;

    private void Narrow(string name, object? value) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { [name] = value as string is { Length: > 0 } text ? text : null, ["before"] = null }));

    private string Address(string? before) => Navigation.GetUriWithQueryParameter("before", before);
}
