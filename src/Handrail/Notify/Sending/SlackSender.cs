using System.Text.Json;
using Handrail.Store;

namespace Handrail.Notify.Sending;

/// <summary>A message by a Slack incoming webhook: the title, our fields, and buttons that open the console.</summary>
internal sealed class SlackSender(OutsideHttp http, Links links) : ISender
{
    /// <summary>Slack takes ten fields in a section.</summary>
    private const int MostFields = 10;

    /// <summary>And 150 characters in a header, which knows no markup.</summary>
    private const int LongestHeader = 150;

    public ChannelKind Kind => ChannelKind.Slack;

    public Task<Attempt> SendAsync(Message message, CancellationToken cancel) =>
        http.PostAsync(new Uri(message.Secret!.Value), JsonSerializer.SerializeToUtf8Bytes(Body(message), JsonText.Options), null, cancel);

    private object Body(Message message)
    {
        var title = message.Title.Length <= LongestHeader ? message.Title : message.Title[..(LongestHeader - 1)] + "…";
        var blocks = new List<object> { new { type = "header", text = new { type = "plain_text", text = title, emoji = false } } };
        var facts = message.Facts.Take(MostFields).Select(f => new { type = "plain_text", text = $"{f.Label}: {f.Value}", emoji = false }).ToList();
        if (facts.Count > 0)
        {
            blocks.Add(new { type = "section", fields = facts });
        }

        var buttons = new[] { ("Open", links.Deed(message.Notice)), ("Acknowledge", message.Alert is { State: AlertState.Open } ? links.Alert(message.Alert.Id) : null) }
            .Where(b => b.Item2 is not null)
            .Select(b => new { type = "button", text = new { type = "plain_text", text = b.Item1 }, url = b.Item2 }).ToList();
        if (buttons.Count > 0)
        {
            blocks.Add(new { type = "actions", elements = buttons });
        }

        return new { text = Escape(title), blocks, unfurl_links = false, unfurl_media = false };
    }

    /// <summary>Slack's own three: a link or a mention of everybody begins with an angle bracket.</summary>
    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
