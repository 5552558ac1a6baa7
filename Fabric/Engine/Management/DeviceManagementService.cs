using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Verbs;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.DeviceManagement;

namespace Weft.Fabric.Engine.Management;

/// <summary>Device management on QP1 of a port: carries the questions to the agent and its answers back.</summary>
public sealed class DeviceManagementService : IMadAgent
{
    private readonly DeviceManagementAgent agent;
    private readonly byte[] answer = new byte[MadHeader.MadLength];

    public DeviceManagementService(IMadPort port, DeviceManagementAgent agent)
    {
        this.agent = agent;
        port.Register((byte)MadClass.DeviceManagement, this);
    }

    void IMadAgent.OnMad(IMadPort port, in AddressVector reply, Qpn sourceQpn, ReadOnlySpan<byte> mad)
    {
        if (agent.TryAnswer(mad, answer)) port.Send(reply, sourceQpn, answer);
    }
}
