using System.Globalization;
using System.Text.RegularExpressions;
using Handrail.Testing;
using Xunit;

namespace Handrail;

/// <summary>
/// The ways in which Handrail might be abused, each by its number; a test that shows one to be met has the number in its name, <c>Threat_16_…</c>, or several,
/// <c>Threat_11_and_31_…</c>, in whatever project its subject is.
/// </summary>
public sealed partial class ThreatTests
{
    private static readonly Dictionary<int, string> Threats = new()
    {
        [1] = "script in what an agent reports",
        [2] = "what is seen carried out by a picture or a link",
        [3] = "an agent's text that poses as the console's own",
        [4] = "amounts and vendors that look like others",
        [5] = "what is approved is not what is done",
        [6] = "two reviewers at once",
        [7] = "approving one's own request",
        [8] = "two approvals by one person",
        [9] = "a reviewer who no longer looks",
        [10] = "an agent key that decides, edits or reads what is another's",
        [11] = "a stolen key",
        [12] = "a stopped agent that goes on",
        [13] = "a denied action tried in another way",
        [14] = "untrusted, then sensitive, then outward",
        [15] = "a user who sees by an agent what is not theirs",
        [16] = "floods",
        [17] = "telemetry that is poison",
        [18] = "sessions and agents that are forged",
        [19] = "approvals, grants, messages and sign-ins replayed",
        [20] = "requests across sites, frames, hubs and circuits taken over",
        [21] = "guessed passwords",
        [22] = "a record tampered with, and deeds that can't be recorded",
        [23] = "a slip in a policy",
        [24] = "clocks that are wrong and spans that are late",
        [25] = "secrets in telemetry",
        [26] = "formulas in exported files",
        [27] = "being led elsewhere after signing in",
        [28] = "the console made to call into its own network",
        [29] = "a card that changes under the pointer",
        [30] = "an approval that races a stop",
        [31] = "rights taken away while something is open",
        [32] = "secrets told by the size of what is sent, by addresses and referrers",
        [33] = "figures that an agent makes up",
    };

    [Fact]
    public void Every_threat_has_a_test_that_bears_its_number()
    {
        var borne = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(f => TestName().Matches(File.ReadAllText(f)))
            .SelectMany(m => m.Groups["number"].Captures.Select(c => int.Parse(c.Value, CultureInfo.InvariantCulture)))
            .ToHashSet();

        Assert.Empty(borne.Except(Threats.Keys));
        Assert.Empty(Threats.Keys.Except(borne).Select(n => $"{n}: {Threats[n]}"));
    }

    [GeneratedRegex(@"public (async Task|void) Threat_(?<number>\d\d)(_and_(?<number>\d\d))*_\w")]
    private static partial Regex TestName();
}
