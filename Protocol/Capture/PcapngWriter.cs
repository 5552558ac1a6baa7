using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Capture;

/// <summary>
/// pcapng, little-endian, nanoseconds, one interface per port. Says nothing about the machine or the time of day: the same run gives
/// the same bytes. Allocates nothing per packet. Format: draft-ietf-opsawg-pcapng.
/// </summary>
public sealed class PcapngWriter
{
    private const ushort EndOfOptions = 0, Comment = 1, InterfaceName = 2, PacketFlags = 2, UserApplication = 4, TimeResolution = 9;
    private const byte Nanoseconds = 9;
    private const int BufferLength = 64 * 1024;

    private readonly Stream stream;
    private readonly List<CaptureLinkType> linkTypes = [];
    private byte[] buffer = new byte[BufferLength];
    private int used;
    private int blockStart;

    /// <param name="stream">Stays open. Blocks are gathered; <see cref="Flush"/> at the end.</param>
    /// <param name="comment">A note on the whole file, e.g. the line that replays the run.</param>
    public PcapngWriter(Stream stream, string? comment = null)
    {
        this.stream = stream;
        Begin(PcapngReader.SectionHeader, 16);
        Put(0x1A2B_3C4Du);
        Put(1u); // version 1.0
        Put(ulong.MaxValue); // section length not given
        if (comment is not null) Text(Comment, comment);
        Text(UserApplication, "weft");
        Put((uint)EndOfOptions);
        End();
    }

    /// <summary>Interfaces added so far.</summary>
    public int InterfaceCount { get; private set; }

    /// <param name="linkType">With <see cref="CaptureLinkType.Erf"/> the packets are InfiniBand, and get their record headers here.</param>
    /// <returns>The number that <see cref="Write"/> takes.</returns>
    public int AddInterface(string name, CaptureLinkType linkType)
    {
        Begin(1, 64);
        Put((uint)linkType);
        Put(0u); // no snap length
        Text(InterfaceName, name);
        Option(TimeResolution, [Nanoseconds]);
        Put((uint)EndOfOptions);
        End();
        linkTypes.Add(linkType);
        return InterfaceCount++;
    }

    /// <param name="time">Not negative.</param>
    public void Write(
        int interfaceNumber, Instant time, ReadOnlySpan<byte> data, CaptureDirection direction = CaptureDirection.Unknown, string? comment = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)interfaceNumber, (uint)InterfaceCount);
        Begin(6, 64 + data.Length);
        Put((uint)interfaceNumber);
        Put((uint)(time.Nanoseconds >> 32));
        Put((uint)time.Nanoseconds);
        if (linkTypes[interfaceNumber] == CaptureLinkType.Erf)
        {
            Put((uint)(ErfHeader.Length + data.Length));
            Put((uint)(ErfHeader.Length + data.Length));
            ErfHeader.ForInfiniBand(time, data.Length).Write(Grow(ErfHeader.Length));
        }
        else
        {
            Put((uint)data.Length);
            Put((uint)data.Length);
        }
        Bytes(data);
        if (comment is not null) Text(Comment, comment);
        if (direction != CaptureDirection.Unknown)
        {
            Put((ushort)PacketFlags | 4u << 16);
            Put((uint)direction);
        }
        if (comment is not null || direction != CaptureDirection.Unknown) Put((uint)EndOfOptions);
        End();
    }

    /// <summary>Passes gathered blocks to the stream.</summary>
    public void Flush()
    {
        stream.Write(buffer, 0, used);
        used = 0;
        stream.Flush();
    }

    private void Begin(uint type, int expected)
    {
        if (used + expected + 16 > BufferLength && used > 0)
        {
            stream.Write(buffer, 0, used);
            used = 0;
        }
        blockStart = used;
        Put(type);
        Put(0u);
    }

    private void End()
    {
        var length = (uint)(used + 4 - blockStart);
        Put(length);
        WriteUInt32LittleEndian(buffer.AsSpan(blockStart + 4), length);
    }

    private void Text(ushort code, string text)
    {
        // A longer text than an option can hold is cut at a character.
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = Math.Min(bytes.Length, ushort.MaxValue);
        while (length < bytes.Length && length > 0 && (bytes[length] & 0xC0) == 0x80) length--;
        Option(code, bytes.AsSpan(0, length));
    }

    private void Option(ushort code, ReadOnlySpan<byte> value)
    {
        Put(code | (uint)value.Length << 16);
        Bytes(value);
    }

    private void Put(uint value) => WriteUInt32LittleEndian(Grow(4), value);
    private void Put(ulong value) => WriteUInt64LittleEndian(Grow(8), value);

    private void Bytes(ReadOnlySpan<byte> data)
    {
        var target = Grow(data.Length + 3 & ~3);
        data.CopyTo(target);
        target[data.Length..].Clear();
    }

    private Span<byte> Grow(int count)
    {
        if (used + count > buffer.Length) Array.Resize(ref buffer, Math.Max(used + count, buffer.Length * 2));
        var span = buffer.AsSpan(used, count);
        used += count;
        return span;
    }
}
