namespace Weft.Protocol.Iser;

/// <summary>The header in front of every iSCSI PDU on RDMA, from the first login request on. RFC 7145 §9.2, in the form with base offsets.</summary>
// 0 opcode:4 WSV:1 RSV:1 -:2 | 1 reserved:24 | 4 Write STag | 8 Write VA | 16 Read STag | 20 Read VA
public readonly record struct IserHeader(
    IserFlags Flags, RKey WriteStag = default, ulong WriteVa = 0, RKey ReadStag = default, ulong ReadVa = 0, uint Reserved = 0)
{
    public const int Length = 28;
    /// <summary>What precedes every PDU without memory behind it, and everything from the target.</summary>
    public static readonly IserHeader Plain = new(IserFlags.Control);

    public IserFlags Opcode => Flags & IserFlags.OpcodeMask;
    public bool IsControl => Opcode == IserFlags.Control;
    public bool HasWriteStag => (Flags & IserFlags.WriteStagValid) != 0;
    public bool HasReadStag => (Flags & IserFlags.ReadStagValid) != 0;

    /// <summary>Reads a header of any opcode; reserved bits are kept.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out IserHeader header)
    {
        header = default;
        if (source.Length < Length) return false;
        header = new((IserFlags)source[0], new(ReadUInt32BigEndian(source[4..])), ReadUInt64BigEndian(source[8..]),
            new(ReadUInt32BigEndian(source[16..])), ReadUInt64BigEndian(source[20..]), ReadUInt32BigEndian(source) & 0xFF_FFFF);
        return true;
    }

    public void Write(Span<byte> target)
    {
        WriteUInt32BigEndian(target, ((uint)Flags << 24) | (Reserved & 0xFF_FFFF));
        WriteUInt32BigEndian(target[4..], WriteStag.Value);
        WriteUInt64BigEndian(target[8..], WriteVa);
        WriteUInt32BigEndian(target[16..], ReadStag.Value);
        WriteUInt64BigEndian(target[20..], ReadVa);
    }

    public override string ToString() =>
        $"iSER{(IsControl ? "" : $" {Opcode}")}{(HasWriteStag ? $" write {WriteStag}@0x{WriteVa:x}" : "")}{(HasReadStag ? $" read {ReadStag}@0x{ReadVa:x}" : "")}";
}
