namespace Handrail.Testing;

/// <summary>Whether the tests that gain by it run for long: <c>tests/run --long</c>.</summary>
public static class LongRun
{
    public static bool Wanted => Environment.GetEnvironmentVariable("HANDRAIL_TESTS_LONG") == "1";
}
