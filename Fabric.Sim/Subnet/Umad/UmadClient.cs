namespace Weft.Fabric.Sim.Subnet.Umad;

/// <summary>A program at the management port.</summary>
public sealed class UmadClient
{
    internal UmadClient(int slot, uint id, SubnetPort port) => (Slot, Id, Port) = (slot, id, port);

    /// <summary>Number by which client and server name each other.</summary>
    public int Slot { get; }
    /// <summary>The client's process id, or the UDP port of its data socket.</summary>
    public uint Id { get; }
    /// <summary>Port that the program runs on.</summary>
    public SubnetPort Port { get; }
    /// <summary>Whether it has said that it is a subnet manager.</summary>
    public bool IsSm { get; internal set; }
    /// <summary>Requests that it has sent, and those that came back unanswered.</summary>
    public long Requests { get; internal set; }
    public long TimedOut { get; internal set; }

    public override string ToString() => $"client {Slot} (id {Id}) at {Port}{(IsSm ? ", subnet manager" : "")}";
}
