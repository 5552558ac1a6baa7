using System.Buffers.Binary;
using System.Text;

namespace Weft.Protocol.Tests.Nbd;

/// <summary>What a client sends, put together from numbers that the NBD protocol document names; nothing of the server's is used.</summary>
internal sealed class NbdClientBytes
{
    private readonly MemoryStream stream = new();

    public byte[] Bytes => stream.ToArray();

    /// <param name="flags">1 fixed newstyle, 2 no zeroes.</param>
    public NbdClientBytes Flags(uint flags = 3) => Put32(flags);

    public NbdClientBytes Option(uint option, params byte[] data)
    {
        stream.Write("IHAVEOPT"u8);
        Put32(option);
        Put32((uint)data.Length);
        stream.Write(data);
        return this;
    }

    /// <summary>INFO (6) or GO (7).</summary>
    public NbdClientBytes Info(uint option, string name, params ushort[] requests)
    {
        var text = Encoding.UTF8.GetBytes(name);
        var data = new byte[4 + text.Length + 2 + 2 * requests.Length];
        BinaryPrimitives.WriteInt32BigEndian(data, text.Length);
        text.CopyTo(data, 4);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(4 + text.Length), (ushort)requests.Length);
        for (var i = 0; i < requests.Length; i++) BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(6 + text.Length + 2 * i), requests[i]);
        return Option(option, data);
    }

    public NbdClientBytes Go(string name = "") => Flags().Info(7, name);

    public NbdClientBytes Request(ushort type, ulong cookie, ulong offset, uint length, ushort flags = 0, byte[]? data = null)
    {
        var header = new byte[28];
        BinaryPrimitives.WriteUInt32BigEndian(header, 0x25609513);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), flags);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(6), type);
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(8), cookie);
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(16), offset);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(24), length);
        stream.Write(header);
        stream.Write(data ?? []);
        return this;
    }

    public NbdClientBytes Raw(params byte[] bytes)
    {
        stream.Write(bytes);
        return this;
    }

    private NbdClientBytes Put32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        stream.Write(bytes);
        return this;
    }
}
