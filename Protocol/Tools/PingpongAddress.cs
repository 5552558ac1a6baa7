namespace Weft.Protocol.Tools;

/// <summary>
/// What the examples ibv_rc_pingpong, ibv_uc_pingpong, ibv_ud_pingpong and ibv_srq_pingpong of libibverbs tell each other over TCP before
/// the first packet. Read off their traffic (rc-pingpong.pcap).
/// </summary>
// 0 LID:4 | 4 ':' | 5 QPN:6 | 11 ':' | 12 PSN:6 | 18 ':' | 19 GID:32 | 51 NUL; all in hexadecimal
public readonly record struct PingpongAddress(Lid Lid, Qpn Qpn, Psn Psn, Gid Gid)
{
    public const int Length = 52;
    private const int QpnOffset = 5, PsnOffset = 12, GidOffset = 19;

    public static bool TryRead(ReadOnlySpan<byte> source, out PingpongAddress address)
    {
        address = default;
        if (source.Length < Length || source[QpnOffset - 1] != ':' || source[PsnOffset - 1] != ':' || source[GidOffset - 1] != ':') return false;
        if (!HexText.TryRead(source[..4], out var lid) || !HexText.TryRead(source.Slice(QpnOffset, 6), out var qpn)
            || !HexText.TryRead(source.Slice(PsnOffset, 6), out var psn) || !HexText.TryReadGid(source[GidOffset..], stride: 2, out var gid)) return false;
        address = new(new((ushort)lid), new((uint)qpn), new((uint)psn), gid);
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Fill((byte)':');
        HexText.Write(target[..4], Lid.Value);
        HexText.Write(target.Slice(QpnOffset, 6), Qpn.Value);
        HexText.Write(target.Slice(PsnOffset, 6), Psn.Value);
        HexText.WriteGid(target[GidOffset..], stride: 2, Gid);
        target[Length - 1] = 0;
    }
}
