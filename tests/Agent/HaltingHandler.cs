using System.Text.RegularExpressions;

namespace Handrail.TestAgent;

/// <summary>The way to the console: it halts before a question is sent, and when an answer is there that the client has not read.</summary>
internal sealed partial class HaltingHandler(Halts halts, IReadOnlyDictionary<string, Errand> errands)
    : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = request.Method == HttpMethod.Post ? Call().Match(request.RequestUri!.AbsolutePath) : Match.Empty;
        var errand = call.Success ? errands.GetValueOrDefault(Uri.UnescapeDataString(call.Groups["session"].Value)) : null;
        var asks = !call.Groups["what"].Success;
        if (errand is not null && asks)
        {
            await halts.AtAsync(errand, HaltPoint.BeforeAsking).ConfigureAwait(false);
        }

        var answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (errand is not null && answer.IsSuccessStatusCode)
        {
            await halts.AtAsync(errand, asks ? HaltPoint.AskedAnswerUnread : call.Groups["what"].Value == "claim" ? HaltPoint.ClaimedAnswerUnread : HaltPoint.ReportedAnswerUnread).ConfigureAwait(false);
            if (asks)
            {
                await halts.AtAsync(errand, HaltPoint.Waiting).ConfigureAwait(false);
            }
        }

        return answer;
    }

    [GeneratedRegex("/api/v1/sessions/(?<session>[^/]+)/actions(/[^/]+/(?<what>claim|result))?$")]
    private static partial Regex Call();
}
