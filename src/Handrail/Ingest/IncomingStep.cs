using Handrail.Sessions;

namespace Handrail.Ingest;

/// <summary>A step made ready for the database on its sender's own thread: what is left for the writer is what only the whole trace can tell.</summary>
internal sealed class IncomingStep
{
    public required IncomingRequest Request { get; init; }

    public required StepRow Row { get; init; }

    /// <summary>What it said, with the others of its trace and request.</summary>
    public ContentChunk Content { get; set; } = null!;

    /// <summary>The service as sent; the row's may be another when that name belongs to another team.</summary>
    public string? ServiceName { get; init; }

    public string? AgentVersion { get; init; }

    /// <summary>The trace that it goes on from, of another session perhaps.</summary>
    public string? LinkedTraceId { get; init; }
}

/// <summary>Steps of one request that go into the same transaction.</summary>
internal sealed record IncomingPart(IncomingRequest Request, ArraySegment<IncomingStep> Steps);
