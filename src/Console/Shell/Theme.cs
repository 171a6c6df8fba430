using MudBlazor;

namespace Handrail.Shell;

/// <summary>Our look: calm surfaces, one accent, the system's own typeface. Contrasts hold WCAG 2.2 AA on both palettes.</summary>
public static class Theme
{
    private static readonly string[] Typeface = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Noto Sans", "sans-serif"];

    public static MudTheme Light { get; } = Make(":root");

    /// <summary>The same theme, in force only where the root element says so.</summary>
    public static MudTheme Dark { get; } = Make(":root[data-theme=dark]");

    private static MudTheme Make(string scope) => new()
    {
        PseudoCss = new PseudoCss { Scope = scope },
        PaletteLight = LightPalette(),
        PaletteDark = DarkPalette(),
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Typeface, FontSize = ".875rem", LineHeight = "1.45", LetterSpacing = "normal" },
            H1 = new H1Typography { FontSize = "1.375rem", FontWeight = "600", LineHeight = "1.3", LetterSpacing = "normal" },
            H2 = new H2Typography { FontSize = "1.0625rem", FontWeight = "600", LineHeight = "1.35", LetterSpacing = "normal" },
            H3 = new H3Typography { FontSize = ".9375rem", FontWeight = "600", LineHeight = "1.4", LetterSpacing = "normal" },
            H6 = new H6Typography { FontSize = "1.0625rem", FontWeight = "600", LineHeight = "1.35", LetterSpacing = "normal" },
            Body1 = new Body1Typography { FontSize = ".875rem", LineHeight = "1.45", LetterSpacing = "normal" },
            Body2 = new Body2Typography { FontSize = ".8125rem", LineHeight = "1.45", LetterSpacing = "normal" },
            Button = new ButtonTypography { FontSize = ".8125rem", FontWeight = "600", LetterSpacing = "normal", TextTransform = "none" },
            Caption = new CaptionTypography { FontSize = ".75rem", LineHeight = "1.4", LetterSpacing = "normal" },
        },
    };

    private static PaletteLight LightPalette() => new()
    {
        Primary = "#1f6f6b",
        PrimaryContrastText = "#ffffff",
        Secondary = "#4a5568",
        SecondaryContrastText = "#ffffff",
        Info = "#1f5fa8",
        Success = "#1b6e3c",
        Warning = "#8a5300",
        WarningContrastText = "#ffffff",
        Error = "#b3261e",
        Dark = "#1a2230",
        TextPrimary = "#1a2230",
        TextSecondary = "#535e6f",
        TextDisabled = "#8b95a3",
        ActionDefault = "#535e6f",
        ActionDisabled = "#8b95a3",
        ActionDisabledBackground = "#e6e9ee",
        Background = "#f5f6f8",
        BackgroundGray = "#eceef2",
        Surface = "#ffffff",
        AppbarBackground = "#ffffff",
        AppbarText = "#1a2230",
        DrawerBackground = "#ffffff",
        DrawerText = "#1a2230",
        DrawerIcon = "#535e6f",
        LinesDefault = "#dde1e7",
        LinesInputs = "#8b95a3",
        TableLines = "#e6e9ee",
        TableHover = "#f0f3f6",
        Divider = "#dde1e7",
        DividerLight = "#e6e9ee",
    };

    private static PaletteDark DarkPalette() => new()
    {
        Primary = "#72c9c1",
        PrimaryContrastText = "#08211f",
        Secondary = "#aab4c2",
        SecondaryContrastText = "#11151b",
        Info = "#85b7f2",
        InfoContrastText = "#0b1826",
        Success = "#73c998",
        SuccessContrastText = "#07200f",
        Warning = "#e3b457",
        WarningContrastText = "#251a02",
        Error = "#f2938b",
        ErrorContrastText = "#2a0805",
        Dark = "#e4e8ee",
        DarkContrastText = "#11151b",
        Black = "#0c0f13",
        TextPrimary = "#e4e8ee",
        TextSecondary = "#a3adbb",
        TextDisabled = "#6b7685",
        ActionDefault = "#a3adbb",
        ActionDisabled = "#6b7685",
        ActionDisabledBackground = "#262d37",
        Background = "#11151b",
        BackgroundGray = "#0d1116",
        Surface = "#181d25",
        AppbarBackground = "#181d25",
        AppbarText = "#e4e8ee",
        DrawerBackground = "#181d25",
        DrawerText = "#e4e8ee",
        DrawerIcon = "#a3adbb",
        LinesDefault = "#2c333e",
        LinesInputs = "#6b7685",
        TableLines = "#262d37",
        TableHover = "#1e242d",
        Divider = "#2c333e",
        DividerLight = "#262d37",
    };
}
