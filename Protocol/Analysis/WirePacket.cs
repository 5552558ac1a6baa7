using Weft.Protocol.Capture;
using Weft.Protocol.Ib;
using Weft.Protocol.Roce;

namespace Weft.Protocol.Analysis;

/// <summary>One good packet of RoCE or InfiniBand at the place where it was seen; only lent.</summary>
public readonly ref struct WirePacket
{
    public required int Number { get; init; }
    public required Instant Time { get; init; }
    /// <summary>Seen from the capturing host, where that is known.</summary>
    public required CaptureDirection Direction { get; init; }
    public required ReadOnlySpan<byte> Frame { get; init; }
    /// <summary>Parts of an Ethernet frame.</summary>
    public RoceFrame Roce { get; init; }
    /// <summary>Parts of an InfiniBand packet; null on Ethernet.</summary>
    public IbFrame? InfiniBand { get; init; }
    /// <summary>Sender; of an InfiniBand packet without a GRH its LID, in the place of the address.</summary>
    public required Gid Source { get; init; }
    public required Gid Destination { get; init; }
    public required TransportPacket Transport { get; init; }

    /// <summary>Makes the frame again from the values of its headers.</summary>
    /// <param name="target">As long as the frame.</param>
    public void Rewrite(Span<byte> target)
    {
        if (InfiniBand is { } parts) IbRewriter.Rewrite(Frame, parts, Transport, target);
        else RoceRewriter.Rewrite(Frame, Roce, Transport, target);
    }

    public override string ToString() => $"{Number} {Source} > {Destination} {OpcodeInfo.NameOf(Transport.Opcode)} PSN {Transport.Psn}";
}
