namespace Handrail.Sessions.Otlp;

/// <summary>Why a request of telemetry was refused whole, in the words under which it is counted.</summary>
internal static class RefusalReasons
{
    public const string NoKey = "no valid key";

    public const string NotAllowed = "the key may not send telemetry";

    public const string TooLarge = "the body is too large";

    public const string WrongType = "the content type is neither protobuf nor JSON";

    public const string Unreadable = "the body can't be read";

    public const string TooMuch = "told to come again: the key sends more than its share";

    /// <summary>Nothing is lost by it when the sender comes again.</summary>
    public const string Busy = "told to come again: the writer or the database was behind";

    /// <summary>Of one that tells to come again.</summary>
    public static string Of(Refusal refusal) => refusal.Kind == RefusalKind.Busy ? Busy : TooMuch;
}
