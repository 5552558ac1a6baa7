using Weft.Protocol.Mad.Smp;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>The notices that agents raise. IBA Vol 1 §14.2.5.1. Offsets below are those of the details, ten bytes into the attribute.</summary>
public static class Notices
{
    public const ushort PortStateChangeTrap = 128, CapabilityChangeTrap = 144, BadMKeyTrap = 256, BadPKeyTrap = 257, BadQKeyTrap = 258, SwitchBadPKeyTrap = 259;

    /// <summary>Trap 128: the state of a port of this switch has changed.</summary>
    public static Notice PortStateChange(SubnetPort port0)
    {
        var notice = Create(port0, NoticeType.Urgent, PortStateChangeTrap);
        WriteUInt16BigEndian(notice.Details, port0.Lid.Value);
        return notice;
    }

    /// <summary>Trap 144: the capability mask of this port has changed.</summary>
    public static Notice CapabilityChange(SubnetPort port)
    {
        var notice = Create(port, NoticeType.Informational, CapabilityChangeTrap);
        WriteUInt16BigEndian(notice.Details[2..], port.Lid.Value);
        WriteUInt32BigEndian(notice.Details[6..], (uint)port.Info.Capabilities);
        return notice;
    }

    /// <summary>Trap 256: a packet came with a wrong M_Key.</summary>
    public static Notice BadMKey(SubnetPort port, SmpMad mad, Lid source)
    {
        var notice = Create(port, NoticeType.Security, BadMKeyTrap);
        var details = notice.Details;
        WriteUInt16BigEndian(details[2..], source.Value);
        if (mad.IsDirected) WriteUInt16BigEndian(details[4..], mad.DirectedSource.Value);
        details[6] = (byte)mad.Method;
        WriteUInt16BigEndian(details[8..], (ushort)mad.Attribute);
        WriteUInt32BigEndian(details[10..], mad.Modifier);
        WriteUInt64BigEndian(details[14..], mad.MKey);
        if (!mad.IsDirected) return notice;
        var hops = Math.Min(mad.HopCount, (byte)30);
        details[23] = (byte)(0x80 | (mad.HopCount > 30 ? 0x40 : 0) | hops); // directed; path cut; hops that follow
        mad.ReturnPath.Slice(1, hops).CopyTo(details[24..]);
        return notice;
    }

    private static Notice Create(SubnetPort port, NoticeType type, ushort trap) => new()
    {
        IsGeneric = true, Type = type, ProducerType = (uint)port.Node.Type, TrapNumber = trap, IssuerLid = port.Lid,
    };
}
