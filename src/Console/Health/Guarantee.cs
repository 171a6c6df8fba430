using Handrail.Grants;
using Handrail.Handoffs;
using Handrail.Ingest;
using Handrail.Sessions;
using Handrail.Store;

namespace Handrail.Health;

/// <summary>Something that the console promises.</summary>
/// <param name="Promise">What holds, whatever happens.</param>
/// <param name="Under">The settings that it holds under, as they are here, and what it takes besides.</param>
/// <param name="Tests">The test classes of this repository that prove it.</param>
public sealed record Guarantee(string Promise, string Under, IReadOnlyList<string> Tests)
{
    /// <summary>It is only as good as the database's word that a commit is on the disk.</summary>
    public bool NeedsDurability { get; init; }

    public static IReadOnlyList<Guarantee> Of(DatabaseProvider database, IngestSettings ingest, GrantSettings grants) =>
    [
        new(
            "What was answered with a success is stored. Neither a crash of the console nor one of the machine takes it away again.",
            "The answer waits for the commit, and the commit for the disk; the settings are the database's, above. A disk that lies about its syncs is beyond us.",
            ["Row01KilledWhileTakingIn", "Row02OrderOfDurability", "Row03VolumeFull", "Row04DatabaseGone"]) { NeedsDurability = true },
        new(
            "The same span, cost, action or result sent again counts once, in whatever order and through whichever process it comes.",
            "By its own id: the span's and its trace's, the cost event's, the action's. Whoever sends under new ids says something new.",
            ["Row06TheSameAgain", "AnyOrderTests"]),
        new(
            "Telemetry is never dropped in silence: what can't be taken in now is refused with a time to come back, what can't be used is counted and named.",
            $"It waits up to {ingest.LongestWait.TotalSeconds:0} s for its commit (Ingest:LongestWait), and as much as Ingest:MaxBytesInFlight and Ingest:MaxSpansInFlight let wait, and no more than is written in a quarter of that time. A sender that does not try again loses it itself.",
            ["DatabaseFaultTests", "PoisonTests", "FloodTests", "Row05Overload"]),
        new(
            "Only the policy in force lets an action go. An error, a time-out, an unknown value or a missing answer never does.",
            "The decision is committed with the version that it was taken under before it is answered. The client holds what it can't ask about.",
            ["LawsTests", "GateTests", "DecidingOffline", "Row10FaultsInTheGate"]),
        new(
            "An action has one decision. Asked again it is the same one; the same id with another body is refused.",
            "For as long as the action is kept.",
            ["Row07OneAnswer", "GateTests"]),
        new(
            "Of approve, reject, expiry, stop and take-over exactly one wins, the others are told which, and nothing is claimed after a stop was answered.",
            "Each is conditional in a transaction of its own; the last word is the claim, which decides anew by what then holds.",
            ["Row08Races", "OneDecisionTests", "ClaimTests"]),
        new(
            "A permit is good for one action, with the arguments that were approved, once, and not for long.",
            $"For {grants.LifeSeconds} s (Grants:LifeSeconds). It binds whoever verifies it: have the tool do so, not the agent.",
            ["GrantTests", "VerifiedByOthersTests", "ClaimTests"]),
        new(
            "What can't be taken back is done once at most by an agent that claims it, wherever it is killed, and what became of it has a name.",
            $"What is claimed and not reported within {grants.ReportWithinSeconds} s (Grants:ReportWithinSeconds) is unknown and offered to nobody. The agent keeps its action's id, and finds out what has become of the deed before it reports one.",
            ["Row09AgentKilled", "ClaimTests"]),
        new(
            "Nothing is used past its expiry, and no breaker is fooled, whatever is done to clocks.",
            database == DatabaseProvider.Postgres
                ? "Time is the database's, for every process; of it, what has passed. An agent's own clock and the times in its telemetry decide nothing."
                : "Time is what has passed, over restarts too (to within ten seconds); a clock that is set back delays nothing. An agent's own clock and the times in its telemetry decide nothing.",
            ["Row11Clocks", "Row11Suspended", "TimesGoneByTests"]),
        new(
            "What is spent against a limit is counted before the action goes: many at once, over several processes, never go beyond it.",
            "Of amounts that are asked for at the gate. What an agent does without asking is not counted, and marked where its telemetry tells of it.",
            ["BudgetTests"]),
        new(
            "Stop and pause are taken whatever state the database is in, and told to every agent that listens or asks.",
            "Without the database this process holds the order, also over a crash, and writes it down later; other processes learn of it then. Stopped means that the agent confirmed it: until then it reads as stopping, and as not obeyed when it goes on.",
            ["LatchTests", "Row03VolumeFull", "ObedienceTests", "OrdersOverRestarts"]),
        new(
            "Silence is never consent: a handoff that nobody decides is rejected, put before others and then rejected, or held.",
            "As review.on_timeout says.",
            ["DeadlineTests"]),
        new(
            "Every act of a person, every publish, key and sign-in is on record in the transaction of the act. Records that were changed, left out or put in are found, the first of them by number.",
            "While none can be written, nothing that loosens happens. Cutting off the end is found with a signed head kept elsewhere.",
            ["TamperingTests", "AuditDayTests", "CompletenessTests", "UnwritableAuditTests"]),
        new(
            "Who may not know of an agent finds no trace of it: on no page, in no list, file, count or message. A right that is taken away ends what is open within five seconds.",
            "Administrators, who give the rights, see every agent.",
            ["DataScopeTests", "LimitedRoleTests", "OpenSignInTests"]),
        new(
            "One caller's flood takes nothing from others, and an order to stop is never told to come later.",
            "Limits:* and equal parts of what waits for each key.",
            ["FloodTests", "GateQueueTests", "BodyLimitTests", "Row05Overload"]),
        new(
            "However much telemetry comes, the memory that it takes is bounded: what can't be written in time is refused before it is read.",
            "By Ingest:MaxBytesInFlight, Ingest:MaxSpansInFlight and what the database takes.",
            ["Row05Overload", "OverloadTests"]),
        new(
            "A database that was restored starts with the fleet paused, and stays so until a person resumes it.",
            "Where the console can't know by itself that it was restored it must be told (Data:Restored).",
            ["Row15BackUpAndRestore", "RestoreTests", "Row15Upgrades"]),
        .. database == DatabaseProvider.Postgres
            ? new Guarantee[]
            {
                new(
                    "Several consoles on one database are one: sign-ins, decisions, revoked keys and jobs hold over all of them, and one that dies takes nothing with it.",
                    "On PostgreSQL.",
                    ["TwoConsolesTests", "Row06TheSameAgain"]),
            }
            : [],
    ];

    /// <summary>What no setting makes us promise.</summary>
    public static IReadOnlyList<string> Not { get; } =
    [
        "An agent's own process is not a cage. Our client asks, holds and stops, and code beside it that does none of that can still call a tool. Where it must not, let the tool verify the grant, or keep its credentials behind something that does.",
        $"A stop is an order until the agent confirms it. A silent one is shown as lost, one that goes on for {ControlQueries.AcknowledgeWithin.TotalSeconds:0} s as not obeyed; its key can be revoked from there.",
        "Tokens, costs and steps are what agents report. Amounts are what the gate let go.",
        "On SQLite there is one console. Two on one file are refused by the file's locks at best.",
    ];
}
