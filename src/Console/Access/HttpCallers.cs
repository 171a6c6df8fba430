namespace Handrail.Access;

/// <summary>The caller of a request, as the door's authentication made it out.</summary>
public static class HttpCallers
{
    private static readonly object Key = new();

    /// <exception cref="InvalidOperationException">The endpoint asks for no caller: it lacks its authorization policy.</exception>
    public static Caller Caller(this HttpContext context) =>
        context.Items[Key] as Caller ?? throw new InvalidOperationException("The endpoint has no authenticated caller.");

    /// <summary>Null where none was made out.</summary>
    public static Caller? CallerOrNull(this HttpContext context) => context.Items[Key] as Caller;

    internal static void SetCaller(this HttpContext context, Caller caller) => context.Items[Key] = caller;
}
