namespace Weft.Protocol.Iser;

/// <summary>
/// The four bytes that iSER peers put into the CM REQ (after the RDMA CM's 36) and REP. Both bits are set when a thing is not supported,
/// so that private data of zeros, which is also what a peer without any seems to send, means support.
/// </summary>
// 0 no-ZBVA:1 no-invalidate:1 -:6 | 1 reserved:24
public readonly record struct IserCmPrivateData(byte Flags, uint Reserved = 0)
{
    public const int Length = 4;
    public const byte NoZeroBasedVa = 0x80;
    public const byte NoRemoteInvalidate = 0x40;

    public IserCmPrivateData(bool zeroBasedVa, bool remoteInvalidate)
        : this((byte)((zeroBasedVa ? 0 : NoZeroBasedVa) | (remoteInvalidate ? 0 : NoRemoteInvalidate)))
    {
    }

    public bool ZeroBasedVa => (Flags & NoZeroBasedVa) == 0;
    /// <summary>The sender takes SEND WITH INVALIDATE (initiator), or will send it (target).</summary>
    public bool RemoteInvalidate => (Flags & NoRemoteInvalidate) == 0;

    public static bool TryRead(ReadOnlySpan<byte> source, out IserCmPrivateData data)
    {
        data = default;
        if (source.Length < Length) return false;
        data = new(source[0], ReadUInt32BigEndian(source) & 0xFF_FFFF);
        return true;
    }

    public void Write(Span<byte> target) => WriteUInt32BigEndian(target, ((uint)Flags << 24) | (Reserved & 0xFF_FFFF));

    public override string ToString() => $"iSER CM{(ZeroBasedVa ? " zbva" : "")}{(RemoteInvalidate ? " invalidate" : "")} (0x{Flags:x2})";
}
