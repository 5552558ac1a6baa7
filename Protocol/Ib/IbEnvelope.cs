using Weft.Protocol.Checksums;

namespace Weft.Protocol.Ib;

/// <summary>What stands around the transport part of an InfiniBand packet, as values. IBA Vol 1 §7.7, §8.3.</summary>
/// <param name="IsGlobal">With a GRH, whose fields are the last five.</param>
public readonly record struct IbEnvelope(
    byte VirtualLane, byte ServiceLevel, Lid Source, Lid Destination, bool IsGlobal = false, Gid SourceGid = default, Gid DestinationGid = default,
    byte TrafficClass = 0, uint FlowLabel = 0, byte HopLimit = 0)
{
    /// <summary>Bytes in front of the BTH.</summary>
    public int Length => Lrh.Length + (IsGlobal ? Grh.Length : 0);

    /// <summary>Writes LRH and GRH in front of a transport part, ICRC and VCRC behind it.</summary>
    /// <param name="buffer">Holds the transport part, with at least <see cref="Length"/> bytes in front of it and 6 behind.</param>
    /// <param name="transport">Offset of the BTH.</param>
    /// <param name="end">Offset behind the pad.</param>
    /// <returns>Offset of the LRH; the frame ends at <paramref name="end"/> + 6.</returns>
    public int Wrap(Span<byte> buffer, int transport, int end)
    {
        var start = transport - Length;
        var length = end + Icrc.Length - start;
        new Lrh(VirtualLane, ServiceLevel, IsGlobal ? LinkNextHeader.Global : LinkNextHeader.Local, Destination, length / 4, Source).Write(buffer[start..]);
        if (IsGlobal)
        {
            new Grh(SourceGid, DestinationGid, (ushort)(end + Icrc.Length - transport), TrafficClass, FlowLabel, HopLimit)
                .Write(buffer[(start + Lrh.Length)..]);
        }
        Icrc.Write(buffer[end..], Icrc.ComputeLrh(buffer[start..end]));
        IbFrame.WriteVcrc(buffer[start..(end + Icrc.Length + Vcrc.Length)]);
        return start;
    }
}
