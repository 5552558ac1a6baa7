namespace Weft.Protocol.Iser;

/// <summary>First byte of an iSER header: opcode in the high half, then which STags are valid. RFC 7145 §9.2.</summary>
[Flags]
public enum IserFlags : byte
{
    /// <summary>Opcode 1: an iSCSI PDU follows.</summary>
    Control = 0x10,
    Hello = 0x20,
    HelloReply = 0x30,
    OpcodeMask = 0xF0,
    /// <summary>WSV: the target fetches data with RDMA READ.</summary>
    WriteStagValid = 0x08,
    /// <summary>RSV: the target places data with RDMA WRITE.</summary>
    ReadStagValid = 0x04,
}
