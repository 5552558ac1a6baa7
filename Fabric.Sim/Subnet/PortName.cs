using System.Globalization;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>How people name ports: the node's id or description, with or without quotes, and the port's number in brackets: "leaf-001"[3].</summary>
public static class PortName
{
    /// <summary>The port, or null when the text is no such name or the subnet has no such port.</summary>
    public static SubnetPort? Find(IbSubnet subnet, ReadOnlySpan<char> text)
    {
        text = text.Trim();
        var open = text.LastIndexOf('[');
        if (open < 1 || text[^1] != ']' || !byte.TryParse(text[(open + 1)..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
        return subnet.FindByName(text[..open].Trim('"').ToString())?.Find(number);
    }
}
