using Weft.Protocol.Checksums;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ib;

/// <summary>
/// Where the parts of a packet stand in the bytes of an InfiniBand link. Offsets only, so it can be kept beside the bytes. IBA Vol 1 §5.2.
/// </summary>
/// <param name="TransportOffset">BTH: behind the LRH, or behind a GRH.</param>
/// <param name="End">Behind the ICRC; the VCRC follows.</param>
public readonly record struct IbFrame(int TransportOffset, int End)
{
    /// <summary>By how much the longest packet exceeds the MTU: every header and both CRCs. IBA Vol 1 §7.7.8.</summary>
    public const int MaxOverhead = 126;
    private const int MinLength = Lrh.Length + Bth.Length + Icrc.Length + Vcrc.Length;

    public bool IsGlobal => TransportOffset == Lrh.Length + Grh.Length;
    public int IcrcOffset => End - Icrc.Length;

    /// <summary>Finds the parts and checks lengths; CRCs are the caller's business. Never throws, allocates nothing.</summary>
    /// <param name="frame">From the LRH to the VCRC.</param>
    public static LinkFault TryParse(ReadOnlySpan<byte> frame, out IbFrame parts)
    {
        parts = default;
        if (frame.Length < Lrh.Length) return LinkFault.Length;
        if ((frame[0] & 0x0F) != 0) return LinkFault.Version;
        var end = (ReadUInt16BigEndian(frame[4..]) & 0x7FF) * 4;
        if (end + Vcrc.Length != frame.Length) return LinkFault.Length;
        var next = (LinkNextHeader)(frame[1] & 3);
        if (next is LinkNextHeader.Raw or LinkNextHeader.RawIPv6) return LinkFault.Raw;
        if (frame.Length < MinLength) return LinkFault.TooShort;
        if (next == LinkNextHeader.Local)
        {
            parts = new(Lrh.Length, end);
            return LinkFault.None;
        }
        var global = frame[Lrh.Length..];
        if (global.Length < Grh.Length || global[0] >> 4 != 6 || global[6] != Grh.IbTransport) return LinkFault.GlobalHeader;
        if (ReadUInt16BigEndian(global[4..]) != end - Lrh.Length - Grh.Length) return LinkFault.GlobalHeader;
        if (frame.Length < MinLength + Grh.Length) return LinkFault.TooShort;
        parts = new(Lrh.Length + Grh.Length, end);
        return LinkFault.None;
    }

    /// <summary>BTH to ICRC.</summary>
    public ReadOnlySpan<byte> Transport(ReadOnlySpan<byte> frame) => frame[TransportOffset..End];

    /// <summary>The ICRC that the packet should carry.</summary>
    public uint ComputeIcrc(ReadOnlySpan<byte> frame) => Icrc.ComputeLrh(frame[..IcrcOffset]);

    public bool IsIcrcCorrect(ReadOnlySpan<byte> frame) => Icrc.Read(frame[IcrcOffset..]) == ComputeIcrc(frame);

    /// <summary>Whether the last two bytes are the VCRC of all before them: what every receiver of a link checks first.</summary>
    public static bool IsVcrcCorrect(ReadOnlySpan<byte> frame) =>
        frame.Length > Vcrc.Length && ReadUInt16LittleEndian(frame[^Vcrc.Length..]) == Vcrc.Compute(frame[..^Vcrc.Length]);

    /// <summary>Writes the VCRC into the last two bytes: again after each change of the LRH.</summary>
    public static void WriteVcrc(Span<byte> frame) => WriteUInt16LittleEndian(frame[^Vcrc.Length..], Vcrc.Compute(frame[..^Vcrc.Length]));

    /// <summary>Destination of a packet, as a switch reads it; the frame has an LRH.</summary>
    public static Lid DestinationOf(ReadOnlySpan<byte> frame) => new(ReadUInt16BigEndian(frame[2..]));

    /// <summary>Virtual lane of a packet; the frame has an LRH.</summary>
    public static byte LaneOf(ReadOnlySpan<byte> frame) => (byte)(frame[0] >> 4);

    /// <summary>Service level of a packet; the frame has an LRH.</summary>
    public static byte ServiceLevelOf(ReadOnlySpan<byte> frame) => (byte)(frame[1] >> 4);

    /// <summary>Moves a packet to another virtual lane and makes its VCRC good; the ICRC does not cover the lane.</summary>
    public static void SetLane(Span<byte> frame, byte lane)
    {
        frame[0] = (byte)(lane << 4 | frame[0] & 0x0F);
        WriteVcrc(frame);
    }
}
