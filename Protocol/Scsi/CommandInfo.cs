namespace Weft.Protocol.Scsi;

/// <summary>One command: its name, its length, where its numbers stand and which bits of its CDB mean anything.</summary>
/// <param name="Action">Service action, or -1 for operation codes without one.</param>
/// <param name="Size">CDB bytes.</param>
/// <param name="Usage">
/// CDB usage data of REPORT SUPPORTED OPERATION CODES (SPC-4 §6.27.3): a set bit is one that the command defines. Byte 0 is the operation code.
/// </param>
public sealed record CommandInfo(
    ScsiOpcode Opcode, int Action, string Name, int Size, DataDirection Direction, CdbField Lba, CdbField Count, CountUnit Unit, byte[] Usage)
{
    public bool HasAction => Action >= 0;
    public override string ToString() => Name;
}
