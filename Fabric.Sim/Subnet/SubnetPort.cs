using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>
/// A port: what its agent tells and keeps, what it is cabled to, what it has counted. Packets are judged by it (state, P_Keys, SL to VL)
/// and count in <see cref="Counters"/>; subnet management changes it through <see cref="SmaAgent"/>.
/// </summary>
public sealed class SubnetPort
{
    private PortInfo info;
    private Guid64[]? aliasGuids;
    private byte[]?[]? slToVl;
    private byte[]? arbitration;

    internal SubnetPort(SubnetNode node, byte number, Guid64 guid)
    {
        (Node, Number, Guid) = (node, number, guid);
        IsEndPort = number == 0 || !node.IsSwitch;
        EndPort = IsEndPort ? this : node[0];
        info = NodeFactory.PortInfo(this);
        PKeys = new(NodeFactory.PKeyCapacity(this));
    }

    public SubnetNode Node { get; }
    /// <summary>0 for the management port of a switch.</summary>
    public byte Number { get; }
    /// <summary>Port GUID; that of port 0 for every port of a switch.</summary>
    public Guid64 Guid { get; }
    /// <summary>What the port is cabled to; null: nothing.</summary>
    public SubnetPort? Peer { get; internal set; }
    /// <summary>Whether the cable carries: false after a fault until it is mended.</summary>
    public bool IsCableCut { get; internal set; }
    /// <summary>Fastest that the cable of this port allows.</summary>
    public LinkRate Rate { get; internal set; } = LinkRate.Edr4X;
    /// <summary>The attribute as it is kept. State and link fields change through <see cref="Links"/>, so that both ends agree.</summary>
    public ref PortInfo Info => ref info;
    public PKeyList PKeys { get; }
    /// <summary>What the port has counted.</summary>
    public PortCounters Counters;
    /// <summary>When a lease of the M_Key that has come under attack runs out; null: none runs.</summary>
    public Instant? MKeyLeaseEnd { get; internal set; }

    /// <summary>Whether the port has LIDs of its own: a port of a CA or router, port 0 of a switch.</summary>
    public bool IsEndPort { get; }
    /// <summary>Port that holds LID, M_Key and capabilities for this one: port 0 on a switch, itself elsewhere.</summary>
    public SubnetPort EndPort { get; }
    public PortState State => info.State;
    /// <summary>Whether subnet management packets pass.</summary>
    public bool IsLinkUp => info.PhysicalState == PortPhysicalState.LinkUp;
    /// <summary>Base LID; of port 0 for every port of a switch.</summary>
    public Lid Lid => EndPort.info.Lid;

    /// <summary>Whether the port answers to this LID: base LID to base + 2^LMC - 1.</summary>
    public bool Owns(Lid lid) => IsEndPort && info.Lid.Value != 0 && lid.Value - info.Lid.Value is >= 0 and var offset && offset < 1 << info.Lmc;

    /// <summary>GUID at an index of the GUID table; index 0 is the port GUID.</summary>
    public Guid64 GuidAt(int index) => index == 0 ? Guid : aliasGuids is { } all && index < all.Length ? all[index] : default;

    /// <summary>Sets an alias GUID. Index 0 cannot be set.</summary>
    internal void SetGuid(int index, Guid64 guid)
    {
        if (index == 0 || index >= info.GuidCap) return;
        aliasGuids ??= new Guid64[info.GuidCap];
        aliasGuids[index] = guid;
    }

    /// <summary>Virtual lane of a service level for packets that came in by <paramref name="inPort"/> and leave here; on a CA the in-port is 0.</summary>
    public int Vl(int inPort, int sl) => SmpTables.Vl(SlToVl(inPort), sl);

    /// <summary>Eight bytes, a nibble for each service level.</summary>
    internal ReadOnlySpan<byte> SlToVl(int inPort) => slToVl is { } tables && tables[inPort] is { } table ? table : FactoryTables.SlToVl;

    internal void SetSlToVl(int inPort, ReadOnlySpan<byte> table)
    {
        slToVl ??= new byte[Node.PortCount + 1][];
        slToVl[inPort] = table[..8].ToArray();
    }

    /// <summary>A part of the VL arbitration table: 1, 2 low priority, 3, 4 high; 32 pairs of lane and weight.</summary>
    public ReadOnlySpan<byte> Arbitration(int part) =>
        arbitration is null ? FactoryTables.Arbitration(part) : arbitration.AsSpan((part - 1) * SmpData.Length, SmpData.Length);

    internal void SetArbitration(int part, ReadOnlySpan<byte> entries)
    {
        if (arbitration is null)
        {
            arbitration = new byte[4 * SmpData.Length];
            for (var p = 1; p <= 4; p++) FactoryTables.Arbitration(p).CopyTo(arbitration.AsSpan((p - 1) * SmpData.Length));
        }
        entries[..SmpData.Length].CopyTo(arbitration.AsSpan((part - 1) * SmpData.Length));
    }

    public override string ToString() => $"{Node.Id}[{Number}]";
}
