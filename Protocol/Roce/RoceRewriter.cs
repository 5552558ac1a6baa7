using Weft.Protocol.Ethernet;
using Weft.Protocol.Ib;

namespace Weft.Protocol.Roce;

/// <summary>Makes a RoCEv2 frame again from the values of its headers, with a computed ICRC: identical bytes prove that the values hold all.</summary>
public static class RoceRewriter
{
    /// <param name="frame">A frame that <see cref="RoceFrame.TryParse"/> took.</param>
    /// <param name="parts">Its parts.</param>
    /// <param name="packet">Its transport packet, parsed without a fault.</param>
    /// <param name="target">At least as long as the frame.</param>
    public static void Rewrite(ReadOnlySpan<byte> frame, RoceFrame parts, in TransportPacket packet, Span<byte> target)
    {
        EthernetHeader.TryRead(frame, out var ethernet);
        ethernet.Write(target);
        if (parts.IsTagged)
        {
            VlanTag.TryRead(frame[EthernetHeader.Length..], out var tag);
            tag.Write(target[EthernetHeader.Length..]);
        }
        if (parts.IsIPv6)
        {
            Ipv6Header.TryRead(frame[parts.NetworkOffset..], out var ip);
            ip.Write(target[parts.NetworkOffset..]);
        }
        else
        {
            Ipv4Header.TryRead(frame[parts.NetworkOffset..], out var ip);
            ip.WithChecksum().Write(target[parts.NetworkOffset..]);
        }
        UdpHeader.TryRead(frame[parts.UdpOffset..], out var udp);
        udp.Write(target[parts.UdpOffset..]);
        TransportRewriter.Rewrite(packet, target[parts.TransportOffset..]);
        Icrc.Write(target[parts.IcrcOffset..], parts.ComputeIcrc(target));
        frame[parts.End..].CopyTo(target[parts.End..]);
    }
}
