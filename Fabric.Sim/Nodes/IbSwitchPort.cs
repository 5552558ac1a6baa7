using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Wire;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Nodes;

/// <summary>An external port of an InfiniBand switch: its cable, and what subnet management has set, kept at hand for the packet path.</summary>
internal sealed class IbSwitchPort(IbSwitchNode owner, SubnetPort model, LinkPort link) : ILinkReceiver
{
    private const int Lanes = 15;
    private readonly byte[]?[] lanes = new byte[model.Node.PortCount + 1][];

    public readonly SubnetPort Model = model;
    public readonly LinkPort Link = link;
    public byte Number => Model.Number;
    public bool IsActive, MayReceive, FiltersInbound, FiltersOutbound;
    public int MaxLength;

    /// <summary>Virtual lane for what came in by a port and leaves here; 15: it is dropped.</summary>
    public byte LaneOf(byte inPort, byte serviceLevel) => (lanes[inPort] ??= ReadLanes(inPort))[serviceLevel];

    /// <summary>Subnet management may have changed something.</summary>
    public void Refresh()
    {
        ref var info = ref Model.Info;
        IsActive = info.State == PortState.Active;
        MayReceive = info.State is PortState.Active or PortState.Armed;
        (FiltersInbound, FiltersOutbound) = (info.PartitionEnforcementInbound, info.PartitionEnforcementOutbound);
        MaxLength = ((PathMtu)info.NeighborMtu).Bytes() + Protocol.Ib.IbFrame.MaxOverhead;
        Array.Clear(lanes);
        if (Link.Direction.Lanes is { } sender) LaneSettings.Apply(sender, Model);
    }

    private byte[] ReadLanes(byte inPort)
    {
        var operational = LaneSettings.Count(Model.Info.OperationalVls);
        var table = new byte[16];
        for (var sl = 0; sl < table.Length; sl++)
            table[sl] = Model.Vl(inPort, sl) is var lane && lane < operational ? (byte)lane : VirtualLanes.Management;
        return table;
    }

    public void OnFrame(Frame frame) => owner.OnFrame(this, frame);
    public void OnLinkState(bool isUp) => owner.OnCable(this, isUp);
}
