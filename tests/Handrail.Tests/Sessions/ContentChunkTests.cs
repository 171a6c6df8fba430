using System.Text;
using System.Text.Json;
using CsCheck;
using Handrail.Ingest;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Sessions;

/// <summary>What the steps of a trace said is stored together, and each step's is found alone.</summary>
public sealed class ContentChunkTests
{
    private static readonly Redaction Nothing = new(new RedactionRules(Cards: false, Emails: false, Keys: false, []));

    private static readonly Gen<Step[]> AnySteps =
        from lengths in Gen.Int[0, 60_000].Array[1, 12]
        from texts in Gen.String[Gen.Char['\u0001', '\u2FFF'], 0, 40].Array[12]
        select lengths.Select((length, i) => Spans.Call(i) with { InputMessages = JsonSerializer.Serialize(texts[i] + new string('x', length)), AttributesJson = "{}" }).ToArray();

    [Fact]
    public void Whatever_steps_said_is_read_back_for_each_as_it_was() => AnySteps.Sample(steps =>
    {
        var chunks = Chunks(steps);

        for (var i = 0; i < steps.Length; i++)
        {
            Assert.Equal(steps[i].InputMessages, ContentChunk.Find(Row(chunks[i].Body), steps[i].SpanId)!.InputMessages);
        }
    });

    [Fact]
    public void Of_a_chunk_some_of_whose_steps_are_not_stored_only_the_others_are_kept() => AnySteps.Sample(steps =>
    {
        foreach (var (chunk, numbers) in Chunks(steps).Select((c, i) => (c, i)).GroupBy(x => x.c, (c, all) => (c, all.Select(x => x.i).ToList())))
        {
            var kept = numbers.Where(n => n % 2 == 0).Select(n => steps[n].SpanId).ToHashSet();
            var read = new List<string>();

            ContentChunk.Read(Row(chunk.Only(kept)), _ => true, (span, _) => read.Add(span));

            Assert.Equal(kept.Order(), read.Order());
        }
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void What_was_stored_step_by_step_before_is_still_read(byte form)
    {
        var json = Encoding.UTF8.GetBytes("""{"tool_arguments":"{}","attributes":{}}""");
        var packed = new byte[200];
        var length = 0;
        Assert.True(form == 0 || System.IO.Compression.BrotliEncoder.TryCompress(json, packed, out length, 1, 18));
        byte[] body = [form, .. form == 0 ? json : packed[..length]];

        Assert.Equal("{}", ContentChunk.Find(Row(body), "first")!.ToolArguments);
        Assert.Null(ContentChunk.Find(Row(body), "second"));
    }

    [Theory, Databases]
    public async Task A_trace_is_one_row_for_each_request_and_what_came_before_is_not_stored_again(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Said(0, "one"), Said(1, "two"));

        var again = await intake.SendAsync(Said(1, "two, sent again"), Said(2, "three"), Said(3, "four"), Said(3, "four, twice in one request"));

        Assert.Equal((2, 2), (again.Accepted, again.Duplicates));
        Assert.Equal(["one", "two", "three", "four"], await Task.WhenAll(Enumerable.Range(0, 4).Select(i => SaidAsync(intake, i))));
        var rows = await intake.ReadAsync(db => db.StepContents.OrderBy(c => c.ReceivedAt).ThenBy(c => c.SpanId).ToListAsync());
        Assert.Equal([Spans.Id(0), Spans.Id(2)], rows.Select(r => r.SpanId));
        var stored = new List<string>();
        ContentChunk.Read(rows[1], _ => true, (span, content) => stored.Add(content.InputMessages!));
        Assert.Equal(["three", "four"], stored);
    }

    private static Step Said(int number, string text) => Spans.Call(number) with { SessionId = "s-1", InputMessages = text, AttributesJson = "{}" };

    private static async Task<string?> SaidAsync(Intake intake, int number) =>
        (await intake.Get<StepQueries>().ContentAsync(Intake.Person, Spans.Trace, Spans.Id(number), default))?.InputMessages;

    private static StepContent Row(byte[] body) => new() { TraceId = Spans.Trace, SpanId = "first", Body = body };

    private static ContentChunk[] Chunks(Step[] steps)
    {
        var chunks = new ContentChunk[steps.Length];
        ContentChunk.Pack(steps, Nothing, (i, chunk) => chunks[i] = chunk);
        return chunks;
    }
}
