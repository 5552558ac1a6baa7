using System.Buffers.Binary;

namespace Weft.Protocol.Tools;

/// <summary>
/// What perftest's programs (ib_send_bw and its like, version 5.70 on) tell each other of a queue pair: as text over TCP, or as a structure in a
/// SEND when they talk over the RDMA CM. Every handshake of theirs is this message again. Read off their traffic (perf-*.pcap) and perftest's
/// own headers.
/// </summary>
/// <param name="OutstandingReads">READs and atomics that the sender accepts at once.</param>
/// <param name="Address">Where the sender's memory begins for the peer's RDMA.</param>
// text:   0 LID:4 | 5 reads:4 | 10 QPN:6 | 17 PSN:6 | 24 R_Key:8 | 33 address:16 | 50 GID:16 times 3 | 98 SRQ:8 | 106 ':' | 107 NUL; hexadecimal, ':' between
// binary: 0 LID | 4 reads | 8 QPN | 12 PSN | 16 R_Key | 20 zero | 24 address:8 | 32 GID:16 | 48 SRQ | 52 GID index; big-endian words
public readonly record struct PerftestKeys(Lid Lid, uint OutstandingReads, Qpn Qpn, Psn Psn, RKey Key, ulong Address, Gid Gid, uint Srq = 0)
{
    public const int TextLength = 108, BinaryLength = 56;

    public static bool TryReadText(ReadOnlySpan<byte> source, out PerftestKeys keys)
    {
        keys = default;
        if (source.Length < TextLength) return false;
        foreach (var colon in (ReadOnlySpan<int>)[4, 9, 16, 23, 32, 49])
            if (source[colon] != ':') return false;
        if (!HexText.TryRead(source[..4], out var lid) || !HexText.TryRead(source.Slice(5, 4), out var reads) || !HexText.TryRead(source.Slice(10, 6), out var qpn)
            || !HexText.TryRead(source.Slice(17, 6), out var psn) || !HexText.TryRead(source.Slice(24, 8), out var key)
            || !HexText.TryRead(source.Slice(33, 16), out var address) || !HexText.TryReadGid(source[50..], stride: 3, out var gid)
            || !HexText.TryRead(source.Slice(98, 8), out var srq)) return false;
        keys = new(new((ushort)lid), (uint)reads, new((uint)qpn), new((uint)psn), new((uint)key), address, gid, (uint)srq);
        return true;
    }

    public void WriteText(Span<byte> target)
    {
        target[..TextLength].Fill((byte)':');
        HexText.Write(target[..4], Lid.Value);
        HexText.Write(target.Slice(5, 4), OutstandingReads);
        HexText.Write(target.Slice(10, 6), Qpn.Value);
        HexText.Write(target.Slice(17, 6), Psn.Value);
        HexText.Write(target.Slice(24, 8), Key.Value);
        HexText.Write(target.Slice(33, 16), Address);
        HexText.WriteGid(target[50..], stride: 3, Gid);
        HexText.Write(target.Slice(98, 8), Srq);
        target[TextLength - 1] = 0;
    }

    public static bool TryReadBinary(ReadOnlySpan<byte> source, out PerftestKeys keys)
    {
        keys = default;
        if (source.Length < BinaryLength) return false;
        keys = new(new((ushort)Word(source, 0)), Word(source, 4), new(Word(source, 8)), new(Word(source, 12)), new(Word(source, 16)),
            BinaryPrimitives.ReadUInt64BigEndian(source[24..]), Gid.Read(source[32..]), Word(source, 48));
        return true;
    }

    public void WriteBinary(Span<byte> target)
    {
        target[..BinaryLength].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(target, Lid.Value);
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], OutstandingReads);
        BinaryPrimitives.WriteUInt32BigEndian(target[8..], Qpn.Value);
        BinaryPrimitives.WriteUInt32BigEndian(target[12..], Psn.Value);
        BinaryPrimitives.WriteUInt32BigEndian(target[16..], Key.Value);
        BinaryPrimitives.WriteUInt64BigEndian(target[24..], Address);
        Gid.Write(target[32..]);
        BinaryPrimitives.WriteUInt32BigEndian(target[48..], Srq);
    }

    private static uint Word(ReadOnlySpan<byte> source, int offset) => BinaryPrimitives.ReadUInt32BigEndian(source[offset..]);
}
