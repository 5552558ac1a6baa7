using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Ib;

/// <summary>
/// A view of one packet from BTH to ICRC, the same on RoCE and InfiniBand. Fields are read where they stand, on demand; an extended
/// header may be read only when <see cref="Info"/> says that it is there. IBA Vol 1 §9.2, §9.3.
/// </summary>
public readonly ref struct TransportPacket
{
    /// <summary>BTH to ICRC.</summary>
    public readonly ReadOnlySpan<byte> Bytes;
    public readonly OpcodeInfo Info;

    private TransportPacket(ReadOnlySpan<byte> bytes, OpcodeInfo info)
    {
        Bytes = bytes;
        Info = info;
    }

    /// <summary>Checks structure only; the ICRC, the MTU and the opcode sequence are the caller's business. Never throws.</summary>
    /// <param name="bytes">BTH to ICRC.</param>
    /// <param name="packet">With <see cref="PacketFault.Alignment"/>, <see cref="PacketFault.Pad"/> and
    /// <see cref="PacketFault.UnexpectedPayload"/> its headers can be read, for a NAK; with other faults nothing can.</param>
    public static PacketFault TryParse(ReadOnlySpan<byte> bytes, out TransportPacket packet)
    {
        packet = default;
        if (bytes.Length < Bth.Length + Icrc.Length) return PacketFault.TooShort;
        if ((bytes[1] & 0x0F) != 0) return PacketFault.Version;
        var info = OpcodeInfo.Of((BthOpcode)bytes[0]);
        if (!info.IsKnown) return PacketFault.Opcode;
        var rest = bytes.Length - info.HeaderLength - Icrc.Length;
        if (rest < 0) return PacketFault.HeaderCut;
        packet = new(bytes, info);
        if ((rest & 3) != 0) return PacketFault.Alignment;
        if ((bytes[1] >> 4 & 3) > rest) return PacketFault.Pad;
        return rest != 0 && !info.MayHavePayload ? PacketFault.UnexpectedPayload : PacketFault.None;
    }

    public BthOpcode Opcode => (BthOpcode)Bytes[0];
    public TransportService Service => (TransportService)(Bytes[0] >> 5);
    public bool Solicited => (Bytes[1] & 0x80) != 0;
    public bool MigReq => (Bytes[1] & 0x40) != 0;
    public int PadCount => Bytes[1] >> 4 & 3;
    public PKey PKey => new(ReadUInt16BigEndian(Bytes[2..]));
    public bool Fecn => (Bytes[4] & 0x80) != 0;
    public bool Becn => (Bytes[4] & 0x40) != 0;
    public Qpn DestQp => new(ReadUInt32BigEndian(Bytes[4..]));
    public bool AckRequest => (Bytes[8] & 0x80) != 0;
    public Psn Psn => new(ReadUInt32BigEndian(Bytes[8..]));

    /// <summary>The whole header, with its reserved bits.</summary>
    public Bth Bth => Bth.TryRead(Bytes, out var bth) ? bth : default;
    public Rdeth Rdeth => Rdeth.TryRead(Bytes[Bth.Length..], out var header) ? header : default;
    public Deth Deth => Deth.TryRead(Bytes[Info.DethOffset..], out var header) ? header : default;
    public Xrceth Xrceth => Xrceth.TryRead(Bytes[Bth.Length..], out var header) ? header : default;
    public Feth Feth => Feth.TryRead(Bytes[Bth.Length..], out var header) ? header : default;
    public Reth Reth => Reth.TryRead(Bytes[Info.MainHeaderOffset..], out var header) ? header : default;
    public AtomicEth AtomicEth => AtomicEth.TryRead(Bytes[Info.MainHeaderOffset..], out var header) ? header : default;
    public Aeth Aeth => Aeth.TryRead(Bytes[Info.MainHeaderOffset..], out var header) ? header : default;
    public AtomicAckEth AtomicAckEth => AtomicAckEth.TryRead(Bytes[(Info.MainHeaderOffset + Aeth.Length)..], out var header) ? header : default;
    public ImmDt Immediate => ImmDt.TryRead(Bytes[Info.TrailingHeaderOffset..], out var header) ? header : default;
    public Ieth Invalidate => Ieth.TryRead(Bytes[Info.TrailingHeaderOffset..], out var header) ? header : default;

    public int PayloadOffset => Info.HeaderLength;
    public int PayloadLength => Math.Max(0, Bytes.Length - Info.HeaderLength - Icrc.Length - PadCount);
    /// <summary>Without the pad.</summary>
    public ReadOnlySpan<byte> Payload => Bytes.Slice(Info.HeaderLength, PayloadLength);
    public ReadOnlySpan<byte> Pad => Bytes.Slice(Bytes.Length - Icrc.Length - PadCount, PadCount);
    public uint StoredIcrc => Icrc.Read(Bytes[^Icrc.Length..]);
}
