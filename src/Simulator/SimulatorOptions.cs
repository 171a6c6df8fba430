using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Handrail.Simulator;

/// <summary>What the command line says.</summary>
internal sealed record SimulatorOptions
{
    public const string Usage = """
        handrail-simulator: a fleet of scripted agents for a Handrail console.

          --url ADDRESS          the console (http://127.0.0.1:8080)
          --otlp ADDRESS         its OTLP/HTTP port (http://127.0.0.1:4318)
          --key hra_…            the agents' key; or the environment's HANDRAIL_API_KEY
          --admin-token hru_…    publishes starting policies for agents that have none; or HANDRAIL_ADMIN_TOKEN
          --speed FACTOR         1 is the pace of a demonstration, 10 ten times as fast (1)
          --seed NUMBER          the same cases in the same order (1)
          --sessions NUMBER      end after so many sessions (0: go on)
          --at-once NUMBER       how many sessions move at the same time (10)
          --until-stdin-closes   end when standard input does
        """;

    public Uri Url { get; init; } = new("http://127.0.0.1:8080");

    public Uri Otlp { get; init; } = new("http://127.0.0.1:4318");

    public required string Key { get; init; }

    public string? AdminToken { get; init; }

    public double Speed { get; init; } = 1;

    public int Seed { get; init; } = 1;

    /// <summary>0: without end.</summary>
    public int Sessions { get; init; }

    public int AtOnce { get; init; } = 10;

    public bool UntilStdinCloses { get; init; }

    public static bool TryParse(
        IReadOnlyList<string> arguments,
        Func<string, string?> environment,
        [NotNullWhen(true)] out SimulatorOptions? options,
        [NotNullWhen(false)] out string? problem)
    {
        options = null;
        problem = null;
        var read = new SimulatorOptions { Key = environment("HANDRAIL_API_KEY") ?? "", AdminToken = environment("HANDRAIL_ADMIN_TOKEN") };
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            if (name == "--until-stdin-closes")
            {
                read = read with { UntilStdinCloses = true };
                continue;
            }

            if (name is "--help" or "-h" || i + 1 == arguments.Count || Set(read, name, arguments[i + 1]) is not { } with)
            {
                problem = name is "--help" or "-h" ? Usage : $"{name}: not understood\n\n{Usage}";
                return false;
            }

            read = with;
            i++;
        }

        if (read.Key.Length == 0)
        {
            problem = $"--key is missing\n\n{Usage}";
            return false;
        }

        options = read;
        return true;
    }

    private static SimulatorOptions? Set(SimulatorOptions read, string name, string value) => name switch
    {
        "--url" when Address(value) is { } url => read with { Url = url },
        "--otlp" when Address(value) is { } otlp => read with { Otlp = otlp },
        "--key" => read with { Key = value },
        "--admin-token" => read with { AdminToken = value },
        "--speed" when double.TryParse(value, CultureInfo.InvariantCulture, out var speed) && speed is > 0 and <= 10_000 => read with { Speed = speed },
        "--seed" when int.TryParse(value, CultureInfo.InvariantCulture, out var seed) => read with { Seed = seed },
        "--sessions" when int.TryParse(value, CultureInfo.InvariantCulture, out var sessions) && sessions >= 0 => read with { Sessions = sessions },
        "--at-once" when int.TryParse(value, CultureInfo.InvariantCulture, out var atOnce) && atOnce > 0 => read with { AtOnce = atOnce },
        _ => null,
    };

    private static Uri? Address(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address : null;
}
