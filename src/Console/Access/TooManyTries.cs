using System.Globalization;

namespace Handrail.Access;

/// <summary>How a page without script says that there were too many tries.</summary>
internal static class TooManyTries
{
    /// <summary>Sets the answer's status and when to come back.</summary>
    /// <returns>What to show.</returns>
    public static string ToldOn(this Refusal refused, HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = Math.Ceiling(refused.RetryAfter!.Value.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return refused.Message;
    }
}
