namespace Weft.Protocol.Iscsi.Text;

/// <summary>The answer to SendTargets: for each target its name, then its addresses. RFC 7143 Appendix C.</summary>
public static class SendTargetsText
{
    /// <summary>Writes the answer; false if it does not fit.</summary>
    public static bool TryWrite(IReadOnlyList<DiscoveredTarget> targets, Span<byte> text, out int length)
    {
        var writer = new TextKeyWriter(text);
        foreach (var target in targets)
        {
            writer.Add("TargetName", target.Name);
            foreach (var portal in target.Portals) writer.Add("TargetAddress", portal.ToString());
        }
        length = writer.Length;
        return !writer.Overflowed;
    }

    /// <summary>Reads an answer. A name without addresses means that the target is at the address that was asked.</summary>
    public static Violation? TryRead(ReadOnlySpan<byte> text, out IReadOnlyList<DiscoveredTarget> targets)
    {
        var list = new List<DiscoveredTarget>();
        targets = list;
        List<PortalAddress>? portals = null;
        var reader = new TextKeyReader(text);
        while (reader.MoveNext())
        {
            if (reader.Current.Is("TargetName"u8))
            {
                portals = [];
                list.Add(new(reader.Current.ValueText, portals));
            }
            else if (reader.Current.Is("TargetAddress"u8))
            {
                if (portals is null) return Broken("TargetAddress before any TargetName");
                if (!PortalAddress.TryParse(reader.Current.ValueText, out var portal)) return Broken(reader.Current.ToString());
                portals.Add(portal);
            }
        }
        return reader.Violation;
    }

    private static Violation Broken(string detail) => new("send-targets", "RFC 7143 Appendix C", detail);
}
