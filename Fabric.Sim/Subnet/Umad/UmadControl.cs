using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Fabric.Sim.Subnet.Umad;

/// <summary>
/// A control datagram of libumad2sim (the preload library of ibsim) in its 80 bytes, read and changed where it lies. Numbers are in the
/// host's order, which on every machine that it runs on is little-endian.
/// </summary>
// 0 Magic:32 | 4 Client:32 | 8 Type:32 | 12 Length:32 | 16 data:64 bytes (connect: 0 id, 4 QP, 8 IsSM, 12 node name:32 bytes)
public readonly ref struct UmadControl
{
    public const int Length = 80, DataLength = 64, NameLength = 32;
    private const uint MagicNumber = 0xDEADBEEF;
    private readonly Span<byte> bytes;

    private UmadControl(Span<byte> bytes) => this.bytes = bytes;

    /// <summary>Clears 80 bytes and makes them a request.</summary>
    public static UmadControl Begin(Span<byte> datagram, UmadControlType type)
    {
        datagram[..Length].Clear();
        WriteUInt32LittleEndian(datagram, MagicNumber);
        return new(datagram[..Length]) { Type = type };
    }

    /// <summary>False when these are not a control datagram.</summary>
    public static bool TryOpen(Span<byte> datagram, out UmadControl control)
    {
        control = new(datagram);
        return datagram.Length == Length && ReadUInt32LittleEndian(datagram) == MagicNumber;
    }

    public uint Client { get => ReadUInt32LittleEndian(bytes[4..]); set => WriteUInt32LittleEndian(bytes[4..], value); }
    public UmadControlType Type { get => (UmadControlType)ReadUInt32LittleEndian(bytes[8..]); set => WriteUInt32LittleEndian(bytes[8..], (uint)value); }
    public Span<byte> Data => bytes[16..];
    /// <summary>Connect: what the client's data socket is named by, its process or its port.</summary>
    public uint ConnectId => ReadUInt32LittleEndian(Data);
    public bool IsSm => ReadUInt32LittleEndian(Data[8..]) != 0;
    /// <summary>Set IsSM: whether the client becomes a manager.</summary>
    public bool WantsSm => ReadUInt32LittleEndian(Data) != 0;

    /// <summary>Connect: the node to attach to; empty: the server's choice.</summary>
    public string NodeName
    {
        get
        {
            var text = Data.Slice(12, NameLength);
            var end = text.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
        }
    }

    /// <summary>Answers a connect.</summary>
    public void SetConnected(uint client, string nodeId)
    {
        WriteUInt32LittleEndian(Data, client);
        var name = Data.Slice(12, NameLength);
        name.Clear();
        Encoding.UTF8.GetEncoder().Convert(nodeId, name[..^1], flush: true, out _, out _, out _);
    }
}
