using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Management.Sweeps;

/// <summary>What a manager knows of a port.</summary>
internal sealed class ManagedPort(ManagedNode node, byte number)
{
    private PortInfo info;

    public ManagedNode Node { get; } = node;
    public byte Number { get; } = number;
    public Guid64 Guid { get; set; }
    /// <summary>As it was read, or as it was after the last Set.</summary>
    public ref PortInfo Info => ref info;
    public bool IsKnown { get; set; }
    /// <summary>Port at the other end of the cable.</summary>
    public ManagedPort? Peer { get; set; }
    /// <summary>P_Key table as it was read or written, whole blocks; null where it was not read.</summary>
    public ushort[]? Keys { get; set; }
    /// <summary>What the table shall be.</summary>
    public ushort[]? WantedKeys { get; set; }
    /// <summary>OperationalVLs that its lanes and arbitration were written for; 0: they were not, or not all of them.</summary>
    public byte OrderedLanes { get; set; }
    public Lid Lid { get; set; }
    public byte Lmc { get; set; }
    /// <summary>The manager there, when one answered.</summary>
    public SmInfo? Manager { get; set; }

    /// <summary>Whether the port has a LID: port 0 of a switch, or any of an adapter.</summary>
    public bool IsEndPort => Number == 0 || !Node.IsSwitch;
    public bool IsLinkUp => IsKnown && info.PhysicalState == PortPhysicalState.LinkUp && info.State != PortState.Down;

    public bool Owns(Lid lid) => Lid.Value != 0 && lid.Value >= Lid.Value && lid.Value < Lid.Value + (1 << Lmc);
    public override string ToString() => $"{Node}[{Number}]";
}
