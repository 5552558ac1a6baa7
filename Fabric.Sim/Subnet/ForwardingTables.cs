using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>What a switch forwards by: linear and multicast forwarding tables, as large as what was written into them. IBA Vol 1 §18.2.4.3.</summary>
public sealed class ForwardingTables
{
    /// <summary>First multicast LID.</summary>
    public const ushort FirstMulticastLid = 0xC000;
    private const int Positions = 16;
    private byte[] linear = [];
    private readonly ushort[]?[] multicast = new ushort[Positions][];
    private SwitchInfo info;

    /// <summary>The attribute: what the tables can hold, and how much of it is in use.</summary>
    public ref SwitchInfo Info => ref info;

    /// <summary>Egress port of a unicast LID, 0 the switch itself, 0xFF none.</summary>
    public byte PortOf(Lid lid) =>
        lid.Value < linear.Length && lid.Value <= info.LinearFdbTop ? linear[lid.Value] : SmpTables.NoPort;

    /// <summary>Whether packets to this multicast LID leave by this port.</summary>
    public bool IsMember(Lid multicastLid, int port) => (MulticastMask(multicastLid, port / SmpTables.PortsPerPosition) >> (port % SmpTables.PortsPerPosition) & 1) != 0;

    /// <summary>Members among 16 ports: bit i is port 16 * <paramref name="position"/> + i.</summary>
    public ushort MulticastMask(Lid multicastLid, int position)
    {
        var index = multicastLid.Value - FirstMulticastLid;
        return index >= 0 && multicast[position] is { } masks && index < masks.Length ? masks[index] : (ushort)0;
    }

    public void ReadLinearBlock(int block, Span<byte> data)
    {
        var first = block * SmpTables.LidsPerBlock;
        if (first < linear.Length) linear.AsSpan(first, SmpTables.LidsPerBlock).CopyTo(data);
        else data[..SmpTables.LidsPerBlock].Fill(SmpTables.NoPort);
    }

    public void WriteLinearBlock(int block, ReadOnlySpan<byte> data)
    {
        var first = block * SmpTables.LidsPerBlock;
        if (first >= linear.Length)
        {
            var length = Math.Min(Math.Max(first + SmpTables.LidsPerBlock, linear.Length * 3 / 2 / SmpTables.LidsPerBlock * SmpTables.LidsPerBlock), 0xC000);
            var old = linear.Length;
            Array.Resize(ref linear, length);
            linear.AsSpan(old).Fill(SmpTables.NoPort);
        }
        data[..SmpTables.LidsPerBlock].CopyTo(linear.AsSpan(first));
    }

    public void ReadMulticastBlock(int block, int position, Span<byte> data)
    {
        for (var i = 0; i < SmpTables.MulticastLidsPerBlock; i++)
        {
            var lid = FirstMulticastLid + block * SmpTables.MulticastLidsPerBlock + i;
            SmpTables.SetPortMask(data, i, MulticastMask(new((ushort)lid), position));
        }
    }

    public void WriteMulticastBlock(int block, int position, ReadOnlySpan<byte> data)
    {
        var first = block * SmpTables.MulticastLidsPerBlock;
        ref var masks = ref multicast[position];
        masks ??= [];
        if (first + SmpTables.MulticastLidsPerBlock > masks.Length) Array.Resize(ref masks, first + SmpTables.MulticastLidsPerBlock);
        for (var i = 0; i < SmpTables.MulticastLidsPerBlock; i++) masks[first + i] = SmpTables.PortMask(data, i);
    }
}
