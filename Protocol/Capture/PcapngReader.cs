using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Capture;

/// <summary>
/// pcapng: section headers, interface descriptions, enhanced, simple and (obsolete) packet blocks; other blocks are passed over.
/// Format: draft-ietf-opsawg-pcapng.
/// </summary>
// block: 0 Type | 4 TotalLength | 8 body, padded to 4 | TotalLength again
public sealed class PcapngReader : CaptureReader
{
    internal const uint SectionHeader = 0x0A0D_0D0A;
    private const uint InterfaceDescription = 1, ObsoletePacket = 2, SimplePacket = 3, EnhancedPacket = 6;
    private const uint ByteOrderMagic = 0x1A2B_3C4D;
    private const string Spec = "pcapng";
    /// <summary>Longest block that is held in memory: a packet and generous options.</summary>
    private const int MaxBlockLength = MaxPacketLength + 256 * 1024;
    private const int MaxInterfaces = 65_536;

    private readonly List<Clock> clocks = [];
    private bool bigEndian;
    private int sectionStart;

    /// <summary>Unit and zero of an interface's time stamps. pcapng §4.2, if_tsresol and if_tsoffset.</summary>
    private readonly record struct Clock(byte Resolution, long OffsetSeconds)
    {
        public bool TryConvert(ulong stamp, out Instant instant)
        {
            var exponent = Resolution & 0x7F;
            UInt128 nanoseconds;
            if ((Resolution & 0x80) != 0) nanoseconds = exponent > 94 ? 0 : (UInt128)stamp * 1_000_000_000 >> exponent;
            else if (exponent <= 9) nanoseconds = stamp * (UInt128)Power(9 - exponent);
            else nanoseconds = exponent > 28 ? 0 : stamp / (UInt128)Power(exponent - 9);
            var total = (Int128)nanoseconds + (Int128)OffsetSeconds * 1_000_000_000;
            var ok = total >= long.MinValue && total < long.MaxValue;
            instant = ok ? new((long)total) : default;
            return ok;
        }

        private static UInt128 Power(int exponent)
        {
            UInt128 value = 1;
            for (; exponent > 0; exponent--) value *= 10;
            return value;
        }
    }

    internal PcapngReader(ByteSource source) : base(source) => ReadSection();

    public override bool TryRead(out CapturedPacket packet)
    {
        packet = default;
        while (Error is null)
        {
            var offset = Source.Offset;
            if (!Source.TryPeek(8, out var head))
                return Source.Available != 0 && Fail("pcapng-cut", Spec, "the file ends inside a block header", offset);
            if (ReadUInt32LittleEndian(head) == SectionHeader)
            {
                if (!ReadSection()) return false;
                continue;
            }
            var (type, length) = (UInt32(head), UInt32(head[4..]));
            if (length < 12 || (length & 3) != 0) return Fail("pcapng-length", Spec, $"block length {length} is below 12 or no multiple of 4", offset + 4);
            if (type is not (InterfaceDescription or ObsoletePacket or SimplePacket or EnhancedPacket))
            {
                if (!Source.TrySkip(length)) return Fail("pcapng-cut", Spec, $"block of {length} bytes, the file ends before", offset);
                continue;
            }
            if (!TakeBlock(offset, length, out var body)) return false;
            switch (type)
            {
                case InterfaceDescription:
                    if (!ReadInterface(body.Span, offset)) return false;
                    break;
                case EnhancedPacket:
                    return ReadPacket(body, offset, obsolete: false, out packet);
                case ObsoletePacket:
                    return ReadPacket(body, offset, obsolete: true, out packet);
                case SimplePacket:
                    return ReadSimple(body, offset, out packet);
            }
        }
        return false;
    }

    /// <summary>Takes a whole block and checks its second length.</summary>
    /// <param name="body">Without the header and the second length.</param>
    private bool TakeBlock(long offset, uint length, out ReadOnlyMemory<byte> body)
    {
        body = default;
        if (length > MaxBlockLength) return Fail("pcapng-length", Spec, $"block of {length} bytes, more than {MaxBlockLength}", offset + 4);
        if (!Source.TryTake((int)length, out var block))
            return Fail("pcapng-cut", Spec, $"block of {length} bytes, the file has {Source.Available}", offset);
        var second = UInt32(block.Span[^4..]);
        if (second != length) return Fail("pcapng-length", Spec, $"block lengths {length} and {second} differ", offset + length - 4);
        body = block[8..^4];
        return true;
    }

    private bool ReadSection()
    {
        var offset = Source.Offset;
        if (!Source.TryPeek(12, out var head)) return Fail("pcapng-cut", Spec, "the file ends inside a section header", offset);
        switch (ReadUInt32LittleEndian(head[8..]))
        {
            case ByteOrderMagic:
                bigEndian = false;
                break;
            case 0x4D3C_2B1A:
                bigEndian = true;
                break;
            default:
                return Fail("pcapng-magic", Spec, $"byte-order magic {Convert.ToHexString(head[8..])}", offset + 8);
        }
        var length = UInt32(head[4..]);
        if (length < 28 || (length & 3) != 0) return Fail("pcapng-length", Spec, $"section header length {length} is below 28 or no multiple of 4", offset + 4);
        if (!TakeBlock(offset, length, out var body)) return false;
        var major = UInt16(body.Span[4..]);
        if (major != 1) return Fail("pcapng-version", Spec, $"version {major}.{UInt16(body.Span[6..])}, known is 1.x", offset + 12);
        sectionStart = InterfaceList.Count; // interface numbers start anew
        return true;
    }

    private bool ReadInterface(ReadOnlySpan<byte> body, long offset)
    {
        if (body.Length < 8) return Fail("pcapng-length", Spec, "interface description below 8 bytes", offset);
        if (InterfaceList.Count == MaxInterfaces) return Fail("pcapng-interfaces", Spec, $"more than {MaxInterfaces} interfaces", offset);
        var (name, clock) = ("", new Clock(6, 0));
        var options = body[8..];
        while (NextOption(ref options, offset, out var code, out var value))
        {
            if (code == 2) name = Encoding.UTF8.GetString(value);
            else if (code == 9 && value.Length == 1) clock = clock with { Resolution = value[0] };
            else if (code == 14 && value.Length == 8) clock = clock with { OffsetSeconds = (long)UInt64(value) };
        }
        if (Error is not null) return false;
        clocks.Add(clock);
        InterfaceList.Add(new(name, (CaptureLinkType)UInt16(body), UInt32(body[4..])));
        return true;
    }

    // 0 Interface | 4 TimeHigh | 8 TimeLow | 12 CapLen | 16 OrigLen | 20 data; the obsolete form has Interface:16 Drops:16
    private bool ReadPacket(ReadOnlyMemory<byte> body, long offset, bool obsolete, out CapturedPacket packet)
    {
        packet = default;
        if (body.Length < 20) return Fail("pcapng-length", Spec, "packet block below 20 bytes", offset);
        var b = body.Span;
        var number = obsolete ? UInt16(b) : UInt32(b);
        if (number >= InterfaceList.Count - sectionStart)
            return Fail("pcapng-interface", Spec, $"packet {Count + 1} names interface {number} of {InterfaceList.Count - sectionStart}", offset + 8);
        var captured = UInt32(b[12..]);
        if (captured > MaxPacketLength || captured > body.Length - 20)
            return Fail("pcapng-length", Spec, $"packet {Count + 1} claims {captured} bytes in a block with {body.Length - 20}", offset + 20);
        var index = sectionStart + (int)number;
        if (!clocks[index].TryConvert((ulong)UInt32(b[4..]) << 32 | UInt32(b[8..]), out var time))
            return Fail("pcapng-time", Spec, $"time of packet {Count + 1} does not fit 64 bits of nanoseconds", offset + 12);
        var (direction, comment) = (CaptureDirection.Unknown, (string?)null);
        var options = b[Math.Min(body.Length, 20 + (int)(captured + 3 & ~3u))..];
        while (NextOption(ref options, offset, out var code, out var value))
        {
            if (code == 1) comment ??= Encoding.UTF8.GetString(value);
            else if (code == 2 && value.Length == 4) direction = (CaptureDirection)(UInt32(value) & 3);
        }
        if (Error is not null) return false;
        packet = Unwrap(new(++Count, index, InterfaceList[index].LinkType, time, body.Slice(20, (int)captured), UInt32(b[16..]), direction, comment));
        return true;
    }

    // 0 OrigLen | 4 data
    private bool ReadSimple(ReadOnlyMemory<byte> body, long offset, out CapturedPacket packet)
    {
        packet = default;
        if (body.Length < 4) return Fail("pcapng-length", Spec, "simple packet block below 4 bytes", offset);
        if (InterfaceList.Count == sectionStart) return Fail("pcapng-interface", Spec, "simple packet block before any interface", offset);
        var at = InterfaceList[sectionStart];
        var original = UInt32(body.Span);
        var captured = at.SnapLength == 0 ? original : Math.Min(original, at.SnapLength);
        if (captured > MaxPacketLength || captured > body.Length - 4)
            return Fail("pcapng-length", Spec, $"packet {Count + 1} claims {captured} bytes in a block with {body.Length - 4}", offset + 8);
        packet = Unwrap(new(++Count, sectionStart, at.LinkType, Instant.Zero, body.Slice(4, (int)captured), original));
        return true;
    }

    // 0 Code | 2 Length | 4 value, padded to 4; code 0 ends the list, which may also end with the block
    private bool NextOption(ref ReadOnlySpan<byte> options, long offset, out int code, out ReadOnlySpan<byte> value)
    {
        code = 0;
        value = default;
        if (options.Length == 0) return false;
        if (options.Length < 4) return Fail("pcapng-option", Spec, "an option is cut off in the block", offset);
        code = UInt16(options);
        int length = UInt16(options[2..]);
        if (code == 0) return false;
        if (4 + length > options.Length) return Fail("pcapng-option", Spec, $"option {code} claims {length} bytes, the block has {options.Length - 4}", offset);
        value = options.Slice(4, length);
        options = options[Math.Min(options.Length, 4 + (length + 3 & ~3))..];
        return true;
    }

    private ushort UInt16(ReadOnlySpan<byte> bytes) => bigEndian ? ReadUInt16BigEndian(bytes) : ReadUInt16LittleEndian(bytes);
    private uint UInt32(ReadOnlySpan<byte> bytes) => bigEndian ? ReadUInt32BigEndian(bytes) : ReadUInt32LittleEndian(bytes);
    private ulong UInt64(ReadOnlySpan<byte> bytes) => bigEndian ? ReadUInt64BigEndian(bytes) : ReadUInt64LittleEndian(bytes);
}
