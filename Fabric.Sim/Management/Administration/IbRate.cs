using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management.Administration;

/// <summary>Rates as path records code them. The codes are in the order of their invention, not of their speed. IBA Vol 1 §15.2.5.16.</summary>
internal static class IbRate
{
    // Code 2 first; in units of 0.5 Gb/s.
    private static readonly int[] Halves = [5, 20, 60, 10, 40, 80, 120, 160, 240, 28, 112, 224, 336, 50, 200, 400, 600, 56, 100, 800, 1200];

    /// <summary>Speed of a code, to compare by; 0 for an unknown one.</summary>
    public static int Speed(byte code) => code - 2 is >= 0 and var at && at < Halves.Length ? Halves[at] : 0;

    /// <summary>What a link gives: width and speed that are active.</summary>
    public static byte Of(in PortInfo info)
    {
        var lanes = info.LinkWidthActive switch { 1 => 1, 2 => 4, 4 => 8, 8 => 12, 16 => 2, _ => 1 };
        var half = info.LinkSpeedExtActive switch { 1 => 28, 2 => 50, 4 => 100, 8 => 200, _ => info.LinkSpeedActive switch { 4 => 20, 2 => 10, _ => 5 } };
        var code = Array.IndexOf(Halves, half * lanes);
        return (byte)(code < 0 ? 2 : code + 2);
    }

    /// <summary>Whether a value meets what a query asks with its selector.</summary>
    public static bool Meets(Protocol.Mad.Sa.SaSelector selector, int value, int asked) => selector switch
    {
        Protocol.Mad.Sa.SaSelector.GreaterThan => value > asked,
        Protocol.Mad.Sa.SaSelector.LessThan => value < asked,
        Protocol.Mad.Sa.SaSelector.Exactly => value == asked,
        _ => true,
    };
}
