using Handrail.Notify;
using Handrail.Store;
using Handrail.Testing;
using Xunit;

namespace Handrail.Health;

/// <summary>What the database says of the console's health.</summary>
public sealed class StoredFiguresTests
{
    [Theory, Databases]
    public async Task What_should_have_gone_is_seen_by_its_age_and_what_was_given_up_for_a_day(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        using var closed = HttpReceiver.Answering(503);
        var health = Health(outbox);
        var before = await health.ReadAsync(default);
        Assert.Equal((null, 0, 0), (before.Undone, before.Undelivered, before.GivenUp));
        Assert.True(before.DatabaseBytes > 10_000);
        Assert.Equal(provider == DatabaseProvider.Sqlite, before.FreeBytes is > 0);

        await outbox.RuleAsync(await outbox.ChannelAsync(ChannelKind.Webhook, closed.Address));
        await outbox.AskAsync();
        outbox.Time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(Outbox.Noon, (await health.ReadAsync(default)).Undone);

        await outbox.WorkAsync();
        var failing = await health.ReadAsync(default);
        Assert.Equal((null, 1, 0), (failing.UnroutedSince, failing.Undelivered, failing.GivenUp));
        Assert.NotNull(failing.UndeliveredSince);

        for (var hour = 0; hour < 30; hour++)
        {
            outbox.Time.Advance(TimeSpan.FromHours(1));
            await outbox.WorkAsync();
        }

        var given = await health.ReadAsync(default);
        Assert.Equal((null, 0, 1), (given.Undone, given.Undelivered, given.GivenUp));
        outbox.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, (await health.ReadAsync(default)).GivenUp);
    }

    [Theory, Databases]
    public async Task Growth_is_counted_over_a_week_from_one_size_an_hour(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        var sizes = new DatabaseSizes(outbox.Store, outbox.Time);
        Assert.True(await sizes.NoteAsync(1_000_000, default));
        Assert.False(await sizes.NoteAsync(2_000_000, default));
        Assert.Null(await GrowthAsync(1_500_000));

        outbox.Time.Advance(TimeSpan.FromHours(12));
        Assert.Equal(1_000_000, await GrowthAsync(1_500_000));
        Assert.True(await sizes.NoteAsync(1_500_000, default));

        outbox.Time.Advance(TimeSpan.FromDays(7));
        Assert.Equal(100_000, Math.Round((await GrowthAsync(2_200_000))!.Value));

        Task<double?> GrowthAsync(long bytes) => outbox.Store.ReadAsync(db => sizes.GrowthAsync(db, bytes, default), default);
    }

    private static HealthQueries Health(Outbox outbox) => new(outbox.Store, outbox.Get<StoreSettings>(), new DatabaseSizes(outbox.Store, outbox.Time), outbox.Time);
}
