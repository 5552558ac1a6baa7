using Weft.Protocol.Iscsi;

namespace Weft.Protocol.Analysis;

/// <summary>A request of an iSCSI connection that waits for its answer.</summary>
internal struct IserTaskRecord
{
    public IscsiOpcode Opcode;
    public ulong Lun;
    /// <summary>Order in which the target takes the requests; an immediate one has the number of the next.</summary>
    public CmdSn CmdSn;
    public RKey? WriteKey;
    public RKey? ReadKey;
    public uint ExpectedLength;
    /// <summary>Unsolicited bytes that were sent, immediate ones included.</summary>
    public uint Sent;
    public uint NextDataSn;
    /// <summary>Data-Out PDUs are still to come: no F bit yet.</summary>
    public bool HasMoreData;
    public TaskManagementFunction Function;
    public uint Referenced;
}
