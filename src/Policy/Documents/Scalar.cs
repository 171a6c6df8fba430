using System.Globalization;

namespace Handrail.Policy;

/// <summary>A text, a number or a truth value that a condition compares with.</summary>
public readonly record struct Scalar
{
    private Scalar(string? text, decimal? number, bool? flag) => (Text, Number, Flag) = (text, number, flag);

    /// <summary>The text, or null.</summary>
    public string? Text { get; }

    /// <summary>The number, or null.</summary>
    public decimal? Number { get; }

    /// <summary>The truth value, or null.</summary>
    public bool? Flag { get; }

    /// <summary>A text.</summary>
    public static Scalar Of(string text) => new(text, null, null);

    /// <summary>A number.</summary>
    public static Scalar Of(decimal number) => new(null, number, null);

    /// <summary>A truth value.</summary>
    public static Scalar Of(bool flag) => new(null, null, flag);

    /// <summary>As a person would write it.</summary>
    public override string ToString() =>
        Text ?? Number?.ToString("0.############################", CultureInfo.InvariantCulture) ?? (Flag == true ? "true" : "false");
}
