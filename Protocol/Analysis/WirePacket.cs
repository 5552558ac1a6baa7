using Weft.Protocol.Capture;
using Weft.Protocol.Ib;
using Weft.Protocol.Roce;

namespace Weft.Protocol.Analysis;

/// <summary>One good RoCE packet at the place where it was seen; only lent.</summary>
public readonly ref struct WirePacket
{
    public required int Number { get; init; }
    public required Instant Time { get; init; }
    /// <summary>Seen from the capturing host, where that is known.</summary>
    public required CaptureDirection Direction { get; init; }
    public required ReadOnlySpan<byte> Frame { get; init; }
    public required RoceFrame Parts { get; init; }
    public required Gid Source { get; init; }
    public required Gid Destination { get; init; }
    public required TransportPacket Transport { get; init; }

    public override string ToString() => $"{Number} {Source} > {Destination} {OpcodeInfo.NameOf(Transport.Opcode)} PSN {Transport.Psn}";
}
