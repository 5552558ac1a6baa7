using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>Width and speed of a link, as topology files name it: 4xEDR.</summary>
/// <param name="Width">Lanes: 1, 2, 4, 8, 12.</param>
public readonly record struct LinkRate(int Width, LinkSpeed Speed)
{
    public static readonly LinkRate Edr4X = new(4, LinkSpeed.Edr);

    /// <summary>The bit of PortInfo's width fields.</summary>
    public byte WidthBit => Width switch { 1 => 1, 2 => 16, 4 => 2, 8 => 4, _ => 8 };

    /// <summary>Lanes of a bit of PortInfo's width fields; 0 when it is none.</summary>
    public static int Lanes(int widthBit) => widthBit switch { 1 => 1, 16 => 2, 2 => 4, 4 => 8, 8 => 12, _ => 0 };

    /// <summary>What a port's link runs at.</summary>
    public static LinkRate Of(in PortInfo info) => new(Lanes(info.LinkWidthActive),
        (LinkSpeed)(info.LinkSpeedExtActive != 0 ? (int)LinkSpeed.Fdr + int.Log2(info.LinkSpeedExtActive) : int.Log2(Math.Max((byte)1, info.LinkSpeedActive))));

    public static bool TryParse(ReadOnlySpan<char> text, out LinkRate rate)
    {
        rate = default;
        var x = text.IndexOfAny('x', 'X');
        if (x < 1 || !int.TryParse(text[..x], out var width) || width is not (1 or 2 or 4 or 8 or 12)) return false;
        LinkSpeed? speed = text[(x + 1)..] switch
        {
            "SDR" => LinkSpeed.Sdr, "DDR" => LinkSpeed.Ddr, "QDR" => LinkSpeed.Qdr, "FDR10" => LinkSpeed.Qdr, "FDR" => LinkSpeed.Fdr,
            "EDR" => LinkSpeed.Edr, "HDR" => LinkSpeed.Hdr, "NDR" => LinkSpeed.Ndr, _ => null,
        };
        if (speed is null) return false;
        rate = new(width, speed.Value);
        return true;
    }

    public override string ToString() => $"{Width}x{Speed.ToString().ToUpperInvariant()}";
}
