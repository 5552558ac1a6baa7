namespace Weft.Protocol.Iscsi;

/// <summary>The 16 CDB bytes of a SCSI Command header, as two big-endian words. RFC 7143 §11.3.5.</summary>
public readonly record struct CdbBytes(ulong High, ulong Low)
{
    public const int Length = 16;

    /// <summary>Takes up to 16 bytes, the rest zero.</summary>
    public static CdbBytes From(ReadOnlySpan<byte> cdb)
    {
        Span<byte> padded = stackalloc byte[Length];
        padded.Clear();
        cdb[..Math.Min(cdb.Length, Length)].CopyTo(padded);
        return new(ReadUInt64BigEndian(padded), ReadUInt64BigEndian(padded[8..]));
    }

    public byte OperationCode => (byte)(High >> 56);

    public void CopyTo(Span<byte> target)
    {
        WriteUInt64BigEndian(target, High);
        WriteUInt64BigEndian(target[8..], Low);
    }

    public override string ToString() => $"{High:x16}{Low:x16}";
}
