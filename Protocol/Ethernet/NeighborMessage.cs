using Weft.Protocol.Checksums;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ethernet;

/// <summary>
/// Neighbour Solicitation or Advertisement, from the ICMPv6 type to the target address; options follow. RFC 4861 §4.3, §4.4.
/// </summary>
/// <param name="Flags">Bits 31..29 of an advertisement: router, solicited, override; the rest is reserved and kept.</param>
// 0 Type | 1 Code | 2 Checksum | 4 R:1 S:1 O:1 reserved:29 | 8 Target:128
public readonly record struct NeighborMessage(NeighborMessageType Type, Gid Target, uint Flags = 0, ushort Checksum = 0, byte Code = 0)
{
    public const int Length = 24;
    public const uint Router = 0x8000_0000, IsSolicited = 0x4000_0000, IsOverride = 0x2000_0000;
    /// <summary>Hop limit of every neighbour discovery packet; a lower one was forwarded and is dropped. RFC 4861 §7.1.</summary>
    public const byte RequiredHopLimit = 255;
    private const byte SourceLinkLayer = 1, TargetLinkLayer = 2;
    /// <summary>With the one option that carries the sender's MAC.</summary>
    public const int LengthWithMac = Length + 8;

    /// <summary>Fails on any other ICMPv6 type, and on a message that is too short.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out NeighborMessage message)
    {
        message = default;
        if (source.Length < Length || (NeighborMessageType)source[0] is not (NeighborMessageType.Solicitation or NeighborMessageType.Advertisement)) return false;
        message = new((NeighborMessageType)source[0], Gid.Read(source[8..]), ReadUInt32BigEndian(source[4..]), ReadUInt16BigEndian(source[2..]), source[1]);
        return true;
    }

    public void Write(Span<byte> target)
    {
        Target.Write(target[8..]);
        (target[0], target[1]) = ((byte)Type, Code);
        WriteUInt16BigEndian(target[2..], Checksum);
        WriteUInt32BigEndian(target[4..], Flags);
    }

    /// <summary>Writes the message, its link-layer address option and its checksum: <see cref="LengthWithMac"/> bytes.</summary>
    public void Write(Span<byte> target, Gid source, Gid destination, MacAddress mac)
    {
        (this with { Checksum = 0 }).Write(target);
        target[Length] = Type == NeighborMessageType.Solicitation ? SourceLinkLayer : TargetLinkLayer;
        target[Length + 1] = 1; // in units of eight bytes
        mac.Write(target[(Length + 2)..]);
        var sum = InternetChecksum.PseudoHeader(source, destination, (byte)IpProtocol.IcmpV6, LengthWithMac);
        WriteUInt16BigEndian(target[2..], InternetChecksum.Finish(InternetChecksum.Add(sum, target[..LengthWithMac])));
    }

    /// <summary>Whether the checksum over pseudo-header and message is right. RFC 4443 §2.3.</summary>
    /// <param name="icmp">The whole ICMPv6 message, with options.</param>
    public static bool IsChecksumCorrect(ReadOnlySpan<byte> icmp, Gid source, Gid destination) =>
        InternetChecksum.Finish(InternetChecksum.Add(
            InternetChecksum.PseudoHeader(source, destination, (byte)IpProtocol.IcmpV6, icmp.Length), icmp)) == 0;

    /// <summary>Finds the link-layer address option that belongs to this type of message.</summary>
    /// <param name="options">What follows the message. False also when an option has length 0 or is cut off: the packet is then invalid (RFC 4861 §4.6).</param>
    public bool TryFindMac(ReadOnlySpan<byte> options, out MacAddress mac)
    {
        mac = default;
        var wanted = Type == NeighborMessageType.Solicitation ? SourceLinkLayer : TargetLinkLayer;
        while (options.Length >= 2)
        {
            var length = options[1] * 8;
            if (length == 0 || length > options.Length) return false;
            if (options[0] == wanted)
            {
                mac = MacAddress.Read(options[2..]);
                return true;
            }
            options = options[length..];
        }
        return false;
    }

    /// <summary>The group that a solicitation for <paramref name="target"/> is sent to: ff02::1:ffXX:XXXX. RFC 4291 §2.7.1.</summary>
    public static Gid SolicitedNodeGroup(Gid target) => new(0xFF02_0000_0000_0000, 0x0000_0001_FF00_0000 | target.Low & 0xFF_FFFF);
}
