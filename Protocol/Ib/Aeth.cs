using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ib;

/// <summary>ACK Extended Transport Header. IBA Vol 1 §9.3.5, syndrome §9.7.5.1.2.</summary>
/// <param name="Syndrome">Bit 7 reserved, bits 6..5 kind, bits 4..0 credit code, RNR timer code or NAK code.</param>
/// <param name="Msn">Messages completed by the responder, 24 bits.</param>
public readonly record struct Aeth(byte Syndrome, uint Msn)
{
    public const int Length = 4;
    /// <summary>Positive, with no end-to-end credits in use.</summary>
    public const byte UnlimitedCredits = 0x1F;

    public AethKind Kind => (AethKind)(Syndrome >> 5 & 3);
    /// <summary>Credit code of an ACK, RNR timer code of an RNR NAK, NAK code of a NAK.</summary>
    public int Code => Syndrome & 0x1F;

    public static Aeth Ack(uint msn) => new(UnlimitedCredits, msn);
    public static Aeth Nak(NakCode code, uint msn) => new((byte)(0x60 | (byte)code), msn);
    /// <param name="timerCode">0..31; the durations are in IBA Vol 1 §9.7.5.2.8 table 45. 0 is the longest.</param>
    public static Aeth RnrNak(int timerCode, uint msn) => new((byte)(0x20 | timerCode & 0x1F), msn);

    public static bool TryRead(ReadOnlySpan<byte> source, out Aeth aeth)
    {
        aeth = default;
        if (source.Length < Length) return false;
        var word = ReadUInt32BigEndian(source);
        aeth = new((byte)(word >> 24), word & 0xFF_FFFF);
        return true;
    }

    public void Write(Span<byte> target) => WriteUInt32BigEndian(target, (uint)Syndrome << 24 | Msn & 0xFF_FFFF);
}
