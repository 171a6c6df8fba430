namespace Handrail.Client.Wire;

/// <summary>Ids that the client makes, so that whatever it sends again counts once. They sort by when they were made.</summary>
internal static class Ids
{
    public static string New(string kind, TimeProvider clock) => $"{kind}-{Guid.CreateVersion7(clock.GetUtcNow()):n}";
}
