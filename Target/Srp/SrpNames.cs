using Weft.Fabric.Connections;
using Weft.Protocol.Cm;
using Weft.Protocol.Srp;

namespace Weft.Target.Srp;

/// <summary>Names of targets and sessions as ib_srpt forms them; LUN masking goes by the session name.</summary>
public static class SrpNames
{
    /// <param name="portGid">GID of the port, entry 0 of its table.</param>
    /// <param name="index">Running number of the target, from 0.</param>
    public static string Target(SrpTargetOptions options, Gid portGid, Guid64 nodeGuid, int index) =>
        options.OneTargetPerPort ? Groups(portGid)
        : options.UseNodeGuidInTargetName ? Groups(nodeGuid.Value)
        : $"ib_srpt_target_{index}";

    /// <summary>
    /// With one target per port the initiator's address: its IP over the RDMA CM, its port GID over the IB CM. Otherwise its port identifier.
    /// </summary>
    public static string Session(SrpTargetOptions options, PortSpace space, Gid remote, SrpPortId initiatorPort) =>
        !options.OneTargetPerPort ? $"0x{initiatorPort}" : space == PortSpace.InfiniBand ? Groups(remote) : remote.ToString();

    /// <summary>Eight groups of four digits, never compressed.</summary>
    public static string Groups(Gid gid) => $"{Groups(gid.High)}:{Groups(gid.Low)}";

    private static string Groups(ulong value) => $"{value >> 48:x4}:{value >> 32 & 0xFFFF:x4}:{value >> 16 & 0xFFFF:x4}:{value & 0xFFFF:x4}";
}
