using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Mad.Smp;

/// <summary>
/// A subnet management packet in its 256 bytes, LID routed (class 0x01) or directed (class 0x81); read and changed where it lies.
/// IBA Vol 1 §14.2.1.
/// </summary>
// 0 MAD header (6 HopPointer, 7 HopCount; 4 bit 7: D) | 24 M_Key | 32 DrSLID | 34 DrDLID | 36 resv:28 bytes | 64 data:64 bytes | 128 InitialPath | 192 ReturnPath
public readonly ref struct SmpMad
{
    public const int Length = MadHeader.MadLength;
    public const int DataOffset = 64, InitialPathOffset = 128, ReturnPathOffset = 192;
    /// <summary>Hops that a directed route may have.</summary>
    public const int MaxHops = 63;

    private readonly Span<byte> mad;

    /// <param name="mad">At least 256 bytes; only the first 256 are used.</param>
    public SmpMad(Span<byte> mad) => this.mad = mad[..Length];

    public MadClass Class { get => (MadClass)mad[1]; set => mad[1] = (byte)value; }
    public bool IsDirected => Class == MadClass.SubnetDirectedRoute;
    public byte ClassVersion => mad[2];
    public MadMethod Method { get => (MadMethod)mad[3]; set => mad[3] = (byte)value; }
    public bool IsResponse => (mad[3] & 0x80) != 0;
    /// <summary>Status: 15 bits in a directed packet, whose highest bit is the direction, and 16 otherwise.</summary>
    public ushort Status
    {
        get => (ushort)(ReadUInt16BigEndian(mad[4..]) & (IsDirected ? 0x7FFF : 0xFFFF));
        set => WriteUInt16BigEndian(mad[4..], IsDirected ? (ushort)(value & 0x7FFF | mad[4] << 8 & 0x8000) : value);
    }
    /// <summary>D: the packet is on its way back.</summary>
    public bool IsReturning { get => (mad[4] & 0x80) != 0; set => mad[4] = (byte)(value ? mad[4] | 0x80 : mad[4] & 0x7F); }
    public byte HopPointer { get => mad[6]; set => mad[6] = value; }
    public byte HopCount { get => mad[7]; set => mad[7] = value; }
    public ulong TransactionId { get => ReadUInt64BigEndian(mad[8..]); set => WriteUInt64BigEndian(mad[8..], value); }
    public SmpAttribute Attribute { get => (SmpAttribute)ReadUInt16BigEndian(mad[16..]); set => WriteUInt16BigEndian(mad[16..], (ushort)value); }
    public uint Modifier { get => ReadUInt32BigEndian(mad[20..]); set => WriteUInt32BigEndian(mad[20..], value); }
    public ulong MKey { get => ReadUInt64BigEndian(mad[24..]); set => WriteUInt64BigEndian(mad[24..], value); }
    /// <summary>LID that a directed packet is routed from before its directed part; permissive: it has no such part.</summary>
    public Lid DirectedSource { get => new(ReadUInt16BigEndian(mad[32..])); set => WriteUInt16BigEndian(mad[32..], value.Value); }
    /// <summary>LID that a directed packet is routed to behind its directed part; permissive: it has no such part.</summary>
    public Lid DirectedDestination { get => new(ReadUInt16BigEndian(mad[34..])); set => WriteUInt16BigEndian(mad[34..], value.Value); }
    /// <summary>The attribute.</summary>
    public Span<byte> Data => mad.Slice(DataOffset, SmpData.Length);
    /// <summary>Egress port of hop i at index i, from 1 on.</summary>
    public Span<byte> InitialPath => mad.Slice(InitialPathOffset, 64);
    /// <summary>Port by which hop i entered its node, at index i, from 1 on.</summary>
    public Span<byte> ReturnPath => mad.Slice(ReturnPathOffset, 64);

    /// <summary>Clears the packet and writes a directed request with an empty M_Key.</summary>
    /// <param name="path">Egress ports of the hops, the first one at index 0.</param>
    /// <exception cref="ArgumentException">More than 63 hops.</exception>
    public void BeginDirected(MadMethod method, SmpAttribute attribute, uint modifier, ulong transaction, ReadOnlySpan<byte> path)
    {
        if (path.Length > MaxHops) throw new ArgumentException($"a directed route has at most {MaxHops} hops, not {path.Length}", nameof(path));
        mad.Clear();
        new MadHeader(MadClass.SubnetDirectedRoute, 1, method, (ushort)attribute, transaction, modifier, ClassSpecific: (ushort)path.Length).Write(mad);
        (DirectedSource, DirectedDestination) = (Lid.Permissive, Lid.Permissive);
        path.CopyTo(InitialPath[1..]);
    }

    /// <summary>Clears the packet and writes a LID-routed request with an empty M_Key.</summary>
    public void BeginLidRouted(MadMethod method, SmpAttribute attribute, uint modifier, ulong transaction)
    {
        mad.Clear();
        new MadHeader(MadClass.SubnetLidRouted, 1, method, (ushort)attribute, transaction, modifier).Write(mad);
    }
}
