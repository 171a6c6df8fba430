using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;

namespace Handrail.Client.Wire;

/// <summary>Sends a request until the console has answered it. Which answer is a yes is for the caller to say.</summary>
internal sealed class ConsoleConnection : IDisposable
{
    /// <summary>For calls that neither ask the gate nor wait.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    // Beyond what a wait was asked for: the way there and back, and a console that is busy.
    private static readonly TimeSpan WaitMargin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    private readonly HandrailClientOptions _options;
    private readonly HttpClient _http;
    private readonly string _root;
    private readonly Lock _lock = new();
    private long? _goneSince;
    private int _unreachable;

    public ConsoleConnection(HandrailClientOptions options)
    {
        _options = options;
        _root = options.Endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/');

        // A redirect leads to a sign-in page at best; following it would take that page for an answer.
        _http = options.MessageHandler is { } handler
            ? new HttpClient(handler, disposeHandler: false)
            : new HttpClient(new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(5),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            });
        _http.Timeout = Timeout.InfiniteTimeSpan;
        _http.MaxResponseContentBufferSize = 8 * 1024 * 1024;
    }

    public TimeSpan LongPollTimeout => _options.LongPoll + WaitMargin;

    public int LongPollSeconds => (int)_options.LongPoll.TotalSeconds;

    public TimeProvider Clock => _options.TimeProvider;

    /// <summary>The console's address without a slash at its end.</summary>
    public string Root => _root;

    /// <summary>Since when nothing has come back from the console; null while it answers.</summary>
    public TimeSpan? UnreachableFor
    {
        get
        {
            lock (_lock)
            {
                return _goneSince is { } since ? Clock.GetElapsedTime(since) : null;
            }
        }
    }

    /// <summary>Sends until an answer comes that a repetition would not change.</summary>
    public async Task<ConsoleAnswer> SendAsync(ConsoleRequest request, Action<ConsoleAnswer> observe, CancellationToken cancellationToken) =>
        (await SendAsync(request, observe, _ => false, cancellationToken).ConfigureAwait(false))!;

    /// <summary>The same, until it is to be given up, which is asked after each attempt in vain with the word whether the request may have arrived: then null.</summary>
    public async Task<ConsoleAnswer?> SendAsync(ConsoleRequest request, Action<ConsoleAnswer> observe, Func<bool, bool> giveUp, CancellationToken cancellationToken)
    {
        var mayHaveArrived = false;
        for (var attempt = 0; ; attempt++)
        {
            var (answer, arrived) = await AttemptAsync(request, observe, cancellationToken).ConfigureAwait(false);
            if (answer is { CanBeRetried: false })
            {
                return answer;
            }

            mayHaveArrived |= arrived;
            if (giveUp(mayHaveArrived))
            {
                return null;
            }

            await PauseAsync(attempt, answer?.RetryAfter, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends once: null when no answer came back in time.</summary>
    public async Task<ConsoleAnswer?> TryAsync(ConsoleRequest request, Action<ConsoleAnswer> observe, CancellationToken cancellationToken) =>
        (await AttemptAsync(request, observe, cancellationToken).ConfigureAwait(false)).Answer;

    private async Task<(ConsoleAnswer? Answer, bool MayHaveArrived)> AttemptAsync(ConsoleRequest request, Action<ConsoleAnswer> observe, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(request.Timeout, Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var message = request.ToMessage(_root, _options.ApiKey);
        try
        {
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseContentRead, either.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
            var answer = new ConsoleAnswer((int)response.StatusCode, body, Header(response, "x-handrail-control"), Header(response, "ETag"), RetryAfter(response))
            {
                Date = response.Headers.Date,
                PolicyVersion = Header(response, "x-handrail-policy"),
                PolicyRulesAlone = Header(response, "x-handrail-beyond-policy") == "none",
            };
            Note(answer.CanBeRetried ? $"answered {answer.Status}" : null);
            Heard(answer.Status is not (502 or 503 or 504));
            observe(answer);
            return (answer, true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Note("did not answer in time");
            Heard(false);
            return (null, true);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Note(problem.Message);
            Heard(false);
            return (null, problem is not HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError });
        }
    }

    public Task PauseAsync(int attempt, TimeSpan? retryAfter, CancellationToken cancellationToken) =>
        Task.Delay(Backoff.Delay(attempt, _options.Jitter(), retryAfter), Clock, cancellationToken);

    public void Dispose() => _http.Dispose();

    // An outage is one line when it begins and one when it is over, however many calls run into it.
    private void Note(string? problem)
    {
        if (problem is not null && Interlocked.Exchange(ref _unreachable, 1) == 0)
        {
            _options.Logger.LogWarning("The console at {Endpoint} {Problem}; retrying, nothing is allowed meanwhile", _root, problem);
        }
        else if (problem is null && Interlocked.Exchange(ref _unreachable, 0) == 1)
        {
            _options.Logger.LogInformation("The console at {Endpoint} answers again", _root);
        }
    }

    private void Heard(bool anything)
    {
        lock (_lock)
        {
            _goneSince = anything ? null : _goneSince ?? Clock.GetTimestamp();
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        TimeSpan? wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - Clock.GetUtcNow(),
            _ => null,
        };
        return wait is not { } span ? null
            : span < TimeSpan.Zero ? TimeSpan.Zero
            : span > LongestRetryAfter ? LongestRetryAfter
            : span;
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
