namespace Weft.Protocol.Iser;

/// <summary>
/// Hello and HelloReply. RFC 7145 §9.3, §9.4. Exchanged only after iSERHelloRequired=Yes, which no Linux peer negotiates.
/// </summary>
// 0 opcode:4 -:3 REJ:1 | 1 MaxVer:4 MinVer or CurVer:4 | 2 iSER-IRD or iSER-ORD | 4 reserved(24)
public readonly record struct IserHello(bool IsReply, byte MaxVersion, byte Version, ushort Depth, bool Reject = false)
{
    public const int Length = IserHeader.Length;
    /// <summary>The version of RFC 7145.</summary>
    public const byte CurrentVersion = 10;

    /// <summary>False if too short or of another opcode, or if a reserved bit is set, which a Hello of ours could not give back.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out IserHello hello)
    {
        hello = default;
        if (source.Length < Length) return false;
        var opcode = (IserFlags)source[0] & IserFlags.OpcodeMask;
        if (opcode is not (IserFlags.Hello or IserFlags.HelloReply)) return false;
        var reply = opcode == IserFlags.HelloReply;
        if ((source[0] & (reply ? 0x0E : 0x0F)) != 0 || source[4..Length].ContainsAnyExcept((byte)0)) return false;
        hello = new(reply, (byte)(source[1] >> 4), (byte)(source[1] & 0xF), ReadUInt16BigEndian(source[2..]), (source[0] & 1) != 0);
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        target[0] = (byte)((byte)(IsReply ? IserFlags.HelloReply : IserFlags.Hello) | (Reject ? 1 : 0));
        target[1] = (byte)((MaxVersion << 4) | (Version & 0xF));
        WriteUInt16BigEndian(target[2..], Depth);
    }

    public override string ToString() => IsReply
        ? $"iSER HelloReply max {MaxVersion} cur {Version} ORD {Depth}{(Reject ? " REJ" : "")}"
        : $"iSER Hello max {MaxVersion} min {Version} IRD {Depth}";
}
