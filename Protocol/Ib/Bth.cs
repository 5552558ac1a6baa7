using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ib;

/// <summary>
/// Base Transport Header; on RoCEv2 it follows UDP port 4791. IBA Vol 1 §9.2. Reserved bits are kept, because a forwarding or
/// congestion-aware peer may set them and they must come out as they went in.
/// </summary>
/// <param name="MigReq">Path migration state. ConnectX sends 1, Linux rxe 0.</param>
/// <param name="Reserved8a">Low six bits of byte 4; the whole byte is left out of the ICRC.</param>
/// <param name="Reserved7">Low seven bits of byte 8.</param>
// 0 OpCode | 1 SE:1 M:1 Pad:2 TVer:4 | 2 P_Key | 4 FECN:1 BECN:1 resv8a:6 | 5 DestQP:24 | 8 A:1 resv:7 | 9 PSN:24
public readonly record struct Bth(
    BthOpcode Opcode, PKey PKey, Qpn DestQp, Psn Psn, bool Solicited = false, bool AckRequest = false, int PadCount = 0,
    bool MigReq = false, bool Fecn = false, bool Becn = false, byte Reserved8a = 0, byte Reserved7 = 0)
{
    public const int Length = 12;

    /// <summary>False when the source is too short or the transport version is not 0, the only one there is.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out Bth bth)
    {
        bth = default;
        if (source.Length < Length || (source[1] & 0x0F) != 0) return false;
        bth = new((BthOpcode)source[0], new(ReadUInt16BigEndian(source[2..])), new(UInt24.Read(source[5..])), new(UInt24.Read(source[9..])),
            (source[1] & 0x80) != 0, (source[8] & 0x80) != 0, source[1] >> 4 & 3, (source[1] & 0x40) != 0,
            (source[4] & 0x80) != 0, (source[4] & 0x40) != 0, (byte)(source[4] & 0x3F), (byte)(source[8] & 0x7F));
        return true;
    }

    public void Write(Span<byte> target)
    {
        UInt24.Write(target[9..], Psn.Value);
        target[0] = (byte)Opcode;
        target[1] = (byte)((Solicited ? 0x80 : 0) | (MigReq ? 0x40 : 0) | (PadCount & 3) << 4);
        WriteUInt16BigEndian(target[2..], PKey.Value);
        target[4] = (byte)((Fecn ? 0x80 : 0) | (Becn ? 0x40 : 0) | Reserved8a & 0x3F);
        UInt24.Write(target[5..], DestQp.Value);
        target[8] = (byte)((AckRequest ? 0x80 : 0) | Reserved7 & 0x7F);
    }
}
