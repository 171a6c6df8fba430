using Bunit;
using Handrail.Live;
using Handrail.Shell;
using Handrail.Testing;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Handrail.Pages;

public sealed class LivePageTests : BunitContext
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Hints _hints = new();

    public LivePageTests()
    {
        Services.AddSingleton<TimeProvider>(_time);
        Services.AddSingleton(_hints);
    }

    [Fact]
    public void A_page_reads_again_when_something_it_shows_has_changed()
    {
        var page = Render<CountingPage>(p => p.Add(c => c.Session, "s1"));
        Assert.Equal(1, page.Instance.Readings);

        _hints.Tell(new Hint(HintKind.Session, "s1"));

        page.WaitForAssertion(() => Assert.Contains("readings: 2", page.Markup));
    }

    [Fact]
    public async Task However_many_hints_come_a_page_reads_at_most_four_times_a_second()
    {
        var page = Render<CountingPage>(p => p.Add(c => c.Session, "s1"));
        await Eventually.HoldsAsync("the page reads on", () =>
        {
            for (var i = 0; i < 100; i++)
            {
                _hints.Tell(new Hint(HintKind.Session, "s1"));
            }

            _time.Advance(TimeSpan.FromMilliseconds(10));
            return page.Instance.ReadAt.Count >= 6;
        });

        var readings = page.Instance.ReadAt[1..];
        Assert.All(readings.Zip(readings.Skip(1)), pair => Assert.True(pair.Second - pair.First >= LivePage.Pace));
    }

    [Fact]
    public async Task A_page_looks_by_itself_when_no_hint_comes()
    {
        var page = Render<CountingPage>(p => p.Add(c => c.Session, "s1"));

        await Eventually.HoldsAsync("the page reads without a hint", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return page.Instance.Readings >= 2;
        });
    }

    [Fact]
    public async Task A_page_that_is_left_no_longer_listens()
    {
        Render<CountingPage>(p => p.Add(c => c.Session, "s1"));
        Assert.Equal(1, _hints.Listening);

        await DisposeComponentsAsync();

        Assert.Equal(0, _hints.Listening);
    }

    [Fact]
    public void A_page_given_another_subject_listens_to_that_one_alone()
    {
        var page = Render<CountingPage>(p => p.Add(c => c.Session, "s1"));
        page.Render(p => p.Add(c => c.Session, "s2"));
        Assert.Equal(1, _hints.Listening);
        Assert.Equal(2, page.Instance.Readings);

        _hints.Tell(new Hint(HintKind.Session, "s1"));
        _hints.Tell(new Hint(HintKind.Session, "s2"));

        page.WaitForAssertion(() => Assert.Equal(3, page.Instance.Readings));
    }

    [Fact]
    public async Task A_reading_that_fails_goes_to_the_error_boundary()
    {
        var page = Render<CountingPage>(p => p.Add(c => c.Session, "s1"));
        page.Instance.Failure = new InvalidOperationException("the database is away");

        _hints.Tell(new Hint(HintKind.Session, "s1"));

        Assert.Equal("the database is away", (await Renderer.UnhandledException).Message);
    }

    [Fact]
    public async Task While_the_database_can_not_be_asked_a_page_stays_as_it_was_says_so_and_goes_on_by_itself()
    {
        var (viewer, changes) = (new Viewer(), 0);
        viewer.FreshnessChanged += () => changes++;
        var page = Render<CountingPage>(p => p.Add(c => c.Session, "s1").AddCascadingValue(viewer));
        var read = _time.GetUtcNow();
        page.Instance.Failure = new TimeoutException("the database is away");

        await Eventually.HoldsAsync("the page says that it could not be read", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return viewer.StaleSince is not null;
        });
        Assert.Equal(read, viewer.LastRead);
        Assert.Contains("readings: ", page.Markup);

        page.Instance.Failure = null;
        await Eventually.HoldsAsync("the page is read again", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return viewer.StaleSince is null;
        });
        Assert.True(viewer.LastRead > read);
        Assert.Equal(2, changes);
    }

    [Fact]
    public void A_hidden_page_waits_until_it_is_seen_again()
    {
        var viewer = new Viewer();
        viewer.Seen(false);
        var page = Render<CountingPage>(p => p.Add(c => c.Session, "s1").AddCascadingValue(viewer));
        _hints.Tell(new Hint(HintKind.Session, "s1"));
        Assert.Equal(1, page.Instance.Readings);

        viewer.Seen(true);

        page.WaitForAssertion(() => Assert.Equal(2, page.Instance.Readings));
    }

    [Fact]
    public async Task What_does_not_concern_a_page_makes_it_read_no_sooner()
    {
        var page = Render<CountingPage>(p => p.Add(c => c.Session, "s1").Add(c => c.Narrowed, true));
        await Eventually.HoldsAsync("the page reads by itself all the same", () =>
        {
            _hints.Tell(new Hint(HintKind.Session, "s2"));
            _time.Advance(TimeSpan.FromMilliseconds(200));
            return page.Instance.Readings >= 3;
        });

        Assert.All(page.Instance.ReadAt.Zip(page.Instance.ReadAt.Skip(1)), pair => Assert.True(pair.Second - pair.First >= LivePage.OwnLook));
    }

    private sealed class CountingPage : LivePage
    {
        [Parameter]
        public bool Narrowed { get; set; }

        [Parameter]
        public required string Session { get; set; }

        public int Readings => ReadAt.Count;

        public List<DateTimeOffset> ReadAt { get; } = [];

        public Exception? Failure { get; set; }

        protected override LiveTopics Topics => Narrowed
            ? LiveTopics.Where(Session, hint => hint.Key == Session, HintKind.Session)
            : LiveTopics.Of(new Hint(HintKind.Session, Session));

        protected override Task LoadAsync(CancellationToken cancel)
        {
            ReadAt.Add(Now);
            return Failure is null ? Task.CompletedTask : Task.FromException(Failure);
        }

        protected override void BuildRenderTree(RenderTreeBuilder builder) => builder.AddContent(0, $"readings: {Readings}");
    }
}
