using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Handrail.Client.Wire;
using Handrail.Policy;

namespace Handrail.Client;

/// <summary>
/// For the system that carries actions out: tells a grant of the console from everything else, by the console's published keys. Whether the action
/// was stopped or done meanwhile only the console knows: <see cref="RedeemAsync"/> asks it, and succeeds once. Safe for use by several threads.
/// </summary>
public sealed class GrantVerifier : IDisposable
{
    private const string TokenType = "handrail-grant+jwt";

    /// <summary>A grant may name a key that is newer than the list; the list is asked for again at most this often.</summary>
    private static readonly TimeSpan SoonestAgain = TimeSpan.FromSeconds(5);

    private readonly GrantVerifierOptions _options;
    private readonly HttpClient _http;
    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile KeyList? _keys;

    /// <summary>Makes the verifier. Nothing is asked before it is used.</summary>
    /// <param name="options">Where the console is, and what its grants are compared with.</param>
    /// <exception cref="ArgumentException">An option is missing or out of range.</exception>
    public GrantVerifier(GrantVerifierOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _http = options.MessageHandler is { } handler ? new HttpClient(handler, disposeHandler: false) : new HttpClient();
        _http.BaseAddress = options.Endpoint.AbsoluteUri.EndsWith('/') ? options.Endpoint : new Uri(options.Endpoint.AbsoluteUri + "/");
        _http.Timeout = options.Timeout;
        if (options.ApiKey is { } key)
        {
            _http.DefaultRequestHeaders.Add("x-api-key", key);
        }
    }

    /// <summary>
    /// Verifies signature, issuer, time, what kind of action it is for and, over the canonical JSON of what is to be done, the arguments. Works offline while the keys are kept.
    /// </summary>
    /// <param name="grant">The grant as the agent handed it over.</param>
    /// <param name="type">The type of what is about to be carried out, <c>payment.send</c>: a grant for another action may have the same arguments, or none.</param>
    /// <param name="arguments">What is about to be carried out; JSON <c>null</c> for an action without any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="GrantRefusedException">It is no grant of this console, has expired, or is for another action or other arguments.</exception>
    /// <exception cref="HttpRequestException">The keys could not be read: nothing is verified, so nothing may be done.</exception>
    public async Task<VerifiedGrant> VerifyAsync(string grant, string type, JsonElement arguments, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(grant);
        ArgumentException.ThrowIfNullOrEmpty(type);
        var token = SignedToken.Read(grant, TokenType) ?? throw new GrantRefusedException("It is no JSON Web Token that is signed with ES256 as a grant is.");
        var key = await KeyAsync(token.Kid, cancellationToken).ConfigureAwait(false) ?? throw new GrantRefusedException("It names a key that the console does not list.");
        if (!token.IsSignedBy(key))
        {
            throw new GrantRefusedException("Its signature does not fit: it was changed, or signed by somebody else.");
        }

        var claims = token.Claims;
        var verified = Read(claims);
        if (SignedToken.Text(claims, "iss") != _options.Issuer)
        {
            throw new GrantRefusedException("It was issued by somebody else.");
        }

        if (verified.ExpiresAt + _options.ClockSkew <= _options.TimeProvider.GetUtcNow())
        {
            throw new GrantRefusedException("It has expired.");
        }

        if (verified.Type != type)
        {
            throw new GrantRefusedException($"It is for the action {verified.Type}, not for {type}.");
        }

        if (!CanonicalJson.TrySerialize(arguments, out var canonical)
            || Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))) != verified.ArgsSha256)
        {
            throw new GrantRefusedException("It is for other arguments than these.");
        }

        return verified;
    }

    /// <summary>Verifies, and then claims the action at the console: the one moment from which it may be carried out, once.</summary>
    /// <param name="grant">The grant as the agent handed it over.</param>
    /// <param name="type">The type of what is about to be carried out.</param>
    /// <param name="arguments">What is about to be carried out.</param>
    /// <param name="cancellationToken">Gives up. The claim may have succeeded by then: find out before anything is done.</param>
    /// <exception cref="GrantRefusedException">As for verifying; or it was claimed before, or is void by now.</exception>
    /// <exception cref="HttpRequestException">The console gave no answer: nothing may be done.</exception>
    public async Task<VerifiedGrant> RedeemAsync(string grant, string type, JsonElement arguments, CancellationToken cancellationToken = default)
    {
        var verified = await VerifyAsync(grant, type, arguments, cancellationToken).ConfigureAwait(false);
        using var answer = await _http.PostAsJsonAsync("api/v1/grants/redeem", new { grant }, cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.BadRequest or HttpStatusCode.NotFound)
        {
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken).ConfigureAwait(false);
            throw new GrantRefusedException(SignedToken.Text(problem, "detail") ?? "The console refused it.");
        }

        answer.EnsureSuccessStatusCode();
        return verified;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _http.Dispose();
        _reading.Dispose();
    }

    private async Task<PublishedKey?> KeyAsync(string kid, CancellationToken cancel)
    {
        if (Kept(kid) is { } known)
        {
            return Find(known, kid);
        }

        await _reading.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (Kept(kid) is not { } list)
            {
                var now = _options.TimeProvider.GetUtcNow();
                var listed = PublishedKey.Read(await _http.GetFromJsonAsync<JsonElement>(PublishedKey.Path[1..], cancel).ConfigureAwait(false))
                    ?? throw new HttpRequestException("The console's keys could not be read.");
                _keys = list = new KeyList(listed, now);
            }

            return Find(list, kid);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>The list, while it is young enough to be asked for this key.</summary>
    private KeyList? Kept(string kid)
    {
        var now = _options.TimeProvider.GetUtcNow();
        return _keys is { } kept && kept.ReadAt + _options.KeepKeys > now && (Find(kept, kid) is not null || kept.ReadAt + SoonestAgain > now) ? kept : null;
    }

    private static PublishedKey? Find(KeyList list, string kid) => list.Keys.FirstOrDefault(key => key.Kid == kid);

    private static VerifiedGrant Read(JsonElement claims) => new()
    {
        Id = Required(claims, "jti"),
        SessionId = Required(claims, "session_id"),
        ActionId = Required(claims, "action_id"),
        Type = Required(claims, "type"),
        Tool = SignedToken.Text(claims, "tool"),
        Agent = Required(claims, "agent"),
        User = SignedToken.Text(claims, "user"),
        Amount = claims.TryGetProperty("amount", out var amount) && amount.ValueKind == JsonValueKind.Number ? amount.GetDecimal() : null,
        Currency = SignedToken.Text(claims, "currency"),
        ArgsSha256 = Required(claims, "args_sha256"),
        ExpiresAt = claims.TryGetProperty("exp", out var exp) && exp.TryGetInt64(out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new GrantRefusedException("It has no time of expiry."),
    };

    private static string Required(JsonElement claims, string name) => SignedToken.Text(claims, name) ?? throw new GrantRefusedException($"It lacks {name}.");

    private sealed record KeyList(IReadOnlyList<PublishedKey> Keys, DateTimeOffset ReadAt);
}
