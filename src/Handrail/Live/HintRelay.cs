using System.Text.Json;
using Handrail.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Handrail.Live;

/// <summary>
/// Carries hints between processes on one PostgreSQL: what this process tells goes out by <c>NOTIFY</c>, in batches and never
/// inside a writing transaction; what others tell comes in by <c>LISTEN</c> on one connection. A lost connection loses hints,
/// which those who wait survive by looking themselves.
/// </summary>
public sealed class HintRelay(StoreSettings settings, Hints hints, TimeProvider time, ILogger<HintRelay> log) : BackgroundService
{
    private const string Channel = "handrail_hints";

    /// <summary>PostgreSQL takes payloads under 8,000 bytes.</summary>
    private const int MostPerNotice = 7_500;

    private static readonly TimeSpan Reconnect = TimeSpan.FromSeconds(1);

    private readonly string _me = Guid.NewGuid().ToString("n");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.Provider == DatabaseProvider.Postgres)
        {
            await Task.WhenAll(AgainAsync(SendAsync, stoppingToken), AgainAsync(HearAsync, stoppingToken));
        }
    }

    private async Task AgainAsync(Func<NpgsqlConnection, CancellationToken, Task> work, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await using var connection = new NpgsqlConnection(settings.ConnectionString);
                await connection.OpenAsync(cancel);
                await work(connection, cancel);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or System.IO.IOException or InvalidOperationException)
            {
                log.LogWarning("The connection that carries hints between processes was lost ({Reason}); connecting again", e.Message);
                await Task.Delay(Reconnect, time, cancel);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task SendAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        using var listener = hints.ListenToOwn();
        while (true)
        {
            if (await listener.NextAsync(TimeSpan.FromMinutes(1), time, cancel) is not { } told)
            {
                continue;
            }

            foreach (var notice in Notices(told))
            {
                await using var command = new NpgsqlCommand("select pg_notify($1, $2)", connection)
                {
                    Parameters = { new() { Value = Channel }, new() { Value = notice } },
                };
                await command.ExecuteNonQueryAsync(cancel);
            }
        }
    }

    private async Task HearAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        connection.Notification += (_, notice) => Hear(notice.Payload);
        await using (var command = new NpgsqlCommand($"listen {Channel}", connection))
        {
            await command.ExecuteNonQueryAsync(cancel);
        }

        while (true)
        {
            await connection.WaitAsync(cancel);
        }
    }

    private IEnumerable<string> Notices(IEnumerable<Hint> told)
    {
        var batch = new List<string> { _me };
        var size = 0;
        foreach (var hint in told)
        {
            var text = $"{(int)hint.Kind} {hint.Key}";
            var bytes = JsonSerializer.SerializeToUtf8Bytes(text).Length + 1;
            if (size + bytes > MostPerNotice && batch.Count > 1)
            {
                yield return JsonSerializer.Serialize(batch);
                (batch, size) = ([_me], 0);
            }

            if (bytes <= MostPerNotice)
            {
                batch.Add(text);
                size += bytes;
            }
        }

        if (batch.Count > 1)
        {
            yield return JsonSerializer.Serialize(batch);
        }
    }

    private void Hear(string payload)
    {
        var batch = JsonSerializer.Deserialize<List<string>>(payload)!;
        if (batch[0] == _me)
        {
            return;
        }

        foreach (var text in batch.Skip(1))
        {
            var space = text.IndexOf(' ', StringComparison.Ordinal);
            hints.TellFromElsewhere(new Hint((HintKind)int.Parse(text.AsSpan(0, space), System.Globalization.CultureInfo.InvariantCulture), text[(space + 1)..]));
        }
    }
}
