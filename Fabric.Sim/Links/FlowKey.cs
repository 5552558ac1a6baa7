using System.Buffers.Binary;
using Weft.Protocol.Ib;

namespace Weft.Fabric.Sim.Links;

/// <summary>Tells flows on a link apart. On Ethernet whatever is not UDP is one flow, number 0.</summary>
internal static class FlowKey
{
    private const ushort RocePort = 4791;

    public static ulong Of(ReadOnlySpan<byte> frame, FlowSeparation separation)
    {
        if (separation == FlowSeparation.None || frame.Length < 14) return 0;
        var type = BinaryPrimitives.ReadUInt16BigEndian(frame[12..]);
        var network = frame[14..];
        if (type == 0x8100 && frame.Length >= 18)
        {
            type = BinaryPrimitives.ReadUInt16BigEndian(frame[16..]);
            network = frame[18..];
        }
        ReadOnlySpan<byte> addresses, udp;
        if (type == 0x0800 && network.Length >= 20 && network[9] == 17)
        {
            var length = (network[0] & 15) * 4;
            if (network.Length < length) return 0;
            addresses = network[12..20];
            udp = network[length..];
        }
        else if (type == 0x86DD && network.Length >= 40 && network[6] == 17)
        {
            addresses = network[8..40];
            udp = network[40..];
        }
        else return 0;
        if (udp.Length < 8) return 0;
        var hash = Choose.SplitMix.Mix(BinaryPrimitives.ReadUInt32BigEndian(udp));
        for (; addresses.Length >= 4; addresses = addresses[4..])
            hash = Choose.SplitMix.Mix(hash ^ BinaryPrimitives.ReadUInt32BigEndian(addresses));
        if (separation == FlowSeparation.QueuePair && BinaryPrimitives.ReadUInt16BigEndian(udp[2..]) == RocePort && udp.Length >= 16)
            hash = Choose.SplitMix.Mix(hash ^ BinaryPrimitives.ReadUInt32BigEndian(udp[12..]) << 8); // BTH destination QP: 24 bits at 5
        return hash | 1;
    }

    /// <summary>On InfiniBand: LIDs and service level, or also the queue pair. Management packets are one flow, number 0.</summary>
    public static ulong OfInfiniBand(ReadOnlySpan<byte> frame, FlowSeparation separation)
    {
        if (separation == FlowSeparation.None || IbFrame.TryParse(frame, out var parts) != LinkFault.None || IbFrame.LaneOf(frame) == 15) return 0;
        var lids = (ulong)BinaryPrimitives.ReadUInt16BigEndian(frame[2..]) << 32 | (ulong)BinaryPrimitives.ReadUInt16BigEndian(frame[6..]) << 16;
        var hash = Choose.SplitMix.Mix(lids | IbFrame.ServiceLevelOf(frame));
        if (separation == FlowSeparation.QueuePair)
            hash = Choose.SplitMix.Mix(hash ^ BinaryPrimitives.ReadUInt32BigEndian(parts.Transport(frame)[4..]) << 8);
        return hash | 1;
    }
}
