using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>Is told what happens in a subnet, at once and inside the call that brought it about: whoever moves packets or carries traps.</summary>
public interface ISubnetObserver
{
    /// <summary>The logical state of a port has changed.</summary>
    void OnPortState(SubnetPort port);

    /// <summary>A manager has written an attribute of a node, by way of this port, and the agent took it.</summary>
    void OnSet(SubnetPort port)
    {
    }

    /// <summary>A node has something to tell its manager. The observer sends it as a trap from the end port, when that has a LID and a manager's LID.</summary>
    void OnNotice(SubnetPort endPort, in Notice notice);
}
