using Handrail.Sessions;
using Handrail.Telemetry;

namespace Handrail.Breakers;

/// <summary>What makes it worth while to look at a session's last calls.</summary>
[Flags]
internal enum LoopSigns
{
    None = 0,

    /// <summary>A call was seen before.</summary>
    Repeats = 1,

    /// <summary>Another agent has the work than did last.</summary>
    HandsOver = 2,

    Fails = 4,
}

/// <summary>
/// Remembers the prints of recent calls, so that only sessions in which something came again are looked at in the database, and the hundreds
/// of others of a commit are not. It decides nothing: what it forgot comes again if it is a loop, what it mistook is found to be none.
/// </summary>
internal sealed class LoopHints
{
    /// <summary>Two megabytes: the calls of half a minute at ten thousand a second.</summary>
    private const int Calls = 1 << 18;

    private const int Holders = 1 << 16;

    private readonly ulong[] _calls = new ulong[Calls];
    private readonly ulong[] _holders = new ulong[Holders];

    /// <summary>Notes a step that has just come in, and tells what is to be said of it.</summary>
    public LoopSigns See(StepRow step)
    {
        if (!Call.IsCall(step.Kind))
        {
            return LoopSigns.None;
        }

        var session = ContentPrint.Letters(step.SessionId);
        var signs = step.Failed ? LoopSigns.Fails : LoopSigns.None;
        if (step.Asked is { } asked)
        {
            var print = ContentPrint.Join(session, (ulong)asked);
            ref var place = ref _calls[print % Calls];
            signs |= place == print ? LoopSigns.Repeats : LoopSigns.None;
            place = print;
        }

        if (step.Kind == StepKind.Handoff)
        {
            return signs | LoopSigns.HandsOver;
        }

        ref var holder = ref _holders[session % Holders];
        var now = (session & 0xFFFF_FFFF_0000_0000) | (uint)ContentPrint.Letters(step.Agent);
        signs |= holder != now && (holder ^ now) >> 32 == 0 ? LoopSigns.HandsOver : LoopSigns.None;
        holder = now;
        return signs;
    }
}
