using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Sim.Subnet;
using Weft.Protocol.Ib;
using Weft.Protocol.Mad.Smp;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Fabric.Sim.Nodes;

/// <summary>Notices of packets with wrong P_Keys. Offsets are those of the details, ten bytes into the attribute. IBA Vol 1 §14.2.5.1, traps 257 and 259.</summary>
internal static class KeyNotices
{
    /// <summary>Trap 257: a packet reached a port whose QP has another P_Key.</summary>
    public static Notice AtPort(SubnetPort port, in KeyViolation violation)
    {
        var notice = Create(port, Notices.BadPKeyTrap);
        var details = notice.Details;
        WriteUInt16BigEndian(details[2..], violation.Source.Value);
        WriteUInt16BigEndian(details[4..], violation.Destination.Value);
        WriteUInt32BigEndian(details[6..], violation.Key.Value);
        WriteUInt32BigEndian(details[10..], (uint)violation.ServiceLevel << 28 | violation.SourceQpn.Value);
        WriteUInt32BigEndian(details[14..], violation.DestinationQpn.Value);
        violation.SourceGid.Write(details[18..]);
        violation.DestinationGid.Write(details[34..]);
        return notice;
    }

    /// <summary>Trap 259: a switch stopped a packet at one of its ports.</summary>
    public static Notice AtSwitch(SubnetPort port0, byte portNumber, PKey key, in Lrh header)
    {
        var notice = Create(port0, Notices.SwitchBadPKeyTrap);
        var details = notice.Details;
        WriteUInt16BigEndian(details, 0xF000); // valid: both LIDs, P_Key, SL
        WriteUInt16BigEndian(details[2..], header.Source.Value);
        WriteUInt16BigEndian(details[4..], header.Destination.Value);
        WriteUInt16BigEndian(details[6..], key.Value);
        details[8] = (byte)(header.ServiceLevel << 4);
        WriteUInt16BigEndian(details[48..], port0.Lid.Value);
        details[50] = portNumber;
        return notice;
    }

    private static Notice Create(SubnetPort port, ushort trap) => new()
    {
        IsGeneric = true, Type = NoticeType.Security, ProducerType = (uint)port.Node.Type, TrapNumber = trap, IssuerLid = port.Lid,
    };
}
