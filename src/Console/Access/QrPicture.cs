using QRCoder;

namespace Handrail.Access;

/// <summary>A QR code as SVG that stands in the page itself: no file of it, no address that names what it says.</summary>
public static class QrPicture
{
    /// <summary>Black on white in a dark page too: readers want it so.</summary>
    public static string Svg(string text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using var picture = new SvgQRCode(code);
        return picture.GetGraphic(1, "#000000", "#ffffff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute);
    }
}
