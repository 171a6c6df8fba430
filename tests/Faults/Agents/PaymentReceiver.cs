using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Handrail.Client;

namespace Handrail.Faults.Agents;

/// <summary>Makes payments for whoever brings a grant, once it is redeemed: a system that carries actions out and trusts no agent.</summary>
internal sealed class PaymentReceiver : IDisposable
{
    private readonly ConcurrentDictionary<string, int> _paid = new();
    private readonly HttpReceiver _http;
    private readonly GrantVerifier _verifier;

    /// <param name="console">Whose grants it takes.</param>
    /// <param name="key">An agent key, to redeem with.</param>
    public PaymentReceiver(Uri console, string key)
    {
        _verifier = new GrantVerifier(new GrantVerifierOptions { Endpoint = console, ApiKey = key });
        _http = new HttpReceiver(AnswerAsync);
    }

    public Uri Address => _http.Address;

    /// <summary>How often it paid for a session's action.</summary>
    public int PaidFor(string session) => _paid.GetValueOrDefault(session);

    public void Dispose()
    {
        _http.Dispose();
        _verifier.Dispose();
    }

    private async Task AnswerAsync(Received request, HttpListenerResponse response)
    {
        if (request.Path.StartsWith("/paid/", StringComparison.Ordinal))
        {
            response.StatusCode = PaidFor(request.Path["/paid/".Length..]) > 0 ? 200 : 404;
            return;
        }

        try
        {
            var (grant, type, arguments) = (request.Json.GetProperty("grant").GetString()!, request.Json.GetProperty("type").GetString()!, request.Json.GetProperty("arguments"));
            var verified = await _verifier.RedeemAsync(grant, type, arguments);
            _paid.AddOrUpdate(verified.SessionId, 1, (_, before) => before + 1);
            response.StatusCode = 200;
        }
        catch (GrantRefusedException e)
        {
            (response.StatusCode, var why) = (409, Encoding.UTF8.GetBytes(e.Message.ReplaceLineEndings(" ")));
            await response.OutputStream.WriteAsync(why);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException)
        {
            // Nobody knows whether it is redeemed: nothing is paid.
            response.StatusCode = 503;
        }
    }
}
