using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Fabric.Sim.Subnet.Umad;

/// <summary>A record of a served session: inputs in the order in which they were handled, each followed by what went out.</summary>
// 0 Kind | 1 Client | 2 resv:16 | 4 Length:32 | 8 Time:64 ns | 16 data, all little-endian
public readonly record struct SessionRecord(SessionRecordKind Kind, byte Client, Instant Time, ReadOnlyMemory<byte> Data)
{
    public const int HeaderLength = 16;
    /// <summary>First bytes of a file.</summary>
    public static ReadOnlySpan<byte> Magic => "WEFTSM1\n"u8;

    public static void WriteHeader(Span<byte> target, SessionRecordKind kind, int client, Instant time, int length)
    {
        target[..HeaderLength].Clear();
        (target[0], target[1]) = ((byte)kind, (byte)client);
        WriteInt32LittleEndian(target[4..], length);
        WriteInt64LittleEndian(target[8..], time.Nanoseconds);
    }

    /// <summary>Takes a record off the front of what is left of a file; false when it is cut or is none.</summary>
    public static bool TryTake(ref ReadOnlyMemory<byte> rest, out SessionRecord record)
    {
        record = default;
        var header = rest.Span;
        if (header.Length < HeaderLength || header[0] is < (byte)SessionRecordKind.Topology or > (byte)SessionRecordKind.Time) return false;
        var length = ReadInt32LittleEndian(header[4..]);
        if (length < 0 || length > header.Length - HeaderLength || header[1] >= UmadServer.MaxClients) return false;
        record = new((SessionRecordKind)header[0], header[1], new(ReadInt64LittleEndian(header[8..])), rest.Slice(HeaderLength, length));
        rest = rest[(HeaderLength + length)..];
        return true;
    }
}
