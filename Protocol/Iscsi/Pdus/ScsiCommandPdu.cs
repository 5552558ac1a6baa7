using Weft.Protocol.Scsi;

namespace Weft.Protocol.Iscsi;

/// <summary>SCSI Command. RFC 7143 §11.3.</summary>
// 0 -:1 I:1 opcode:6 | 1 F:1 R:1 W:1 -:2 ATTR:3 | 8 LUN | 16 ITT | 20 ExpectedDataTransferLength | 24 CmdSN | 28 ExpStatSN |
//  32 CDB(16)
public readonly record struct ScsiCommandPdu : IPdu<ScsiCommandPdu>
{
    public const int Length = Bhs.Length;
    private readonly Bhs bhs;

    public ScsiCommandPdu()
    {
        bhs.Opcode = IscsiOpcode.ScsiCommand;
        bhs.Final = true;
    }

    public static IscsiOpcode Opcode => IscsiOpcode.ScsiCommand;
    public Bhs Bhs { get => bhs; init => bhs = value; }
    public bool Immediate { get => bhs.Immediate; init => bhs.Immediate = value; }
    /// <summary>F bit: clear only if unsolicited Data-Out PDUs follow.</summary>
    public bool Final { get => bhs.Has(1, 0x80); init => bhs.SetBits(1, 0x80, value); }
    public bool IsRead { get => bhs.Has(1, 0x40); init => bhs.SetBits(1, 0x40, value); }
    public bool IsWrite { get => bhs.Has(1, 0x20); init => bhs.SetBits(1, 0x20, value); }
    public TaskAttribute Attribute { get => (TaskAttribute)(bhs[1] & 0x07); init => bhs.SetField(1, 0x07, (int)value); }
    public int AhsLength { get => bhs.AhsLength; init => bhs.AhsLength = value; }
    public int DataSegmentLength { get => bhs.DataSegmentLength; init => bhs.DataSegmentLength = value; }
    public Lun Lun { get => new(bhs.U64(8)); init => bhs.Set64(8, value.Value); }
    public TaskTag InitiatorTaskTag { get => new(bhs.U32(16)); init => bhs.Set32(16, value.Value); }
    /// <summary>Bytes; of the write half if the command is bidirectional.</summary>
    public uint ExpectedDataTransferLength { get => bhs.U32(20); init => bhs.Set32(20, value); }
    public CmdSn CmdSn { get => new(bhs.U32(24)); init => bhs.Set32(24, value.Value); }
    public StatSn ExpStatSn { get => new(bhs.U32(28)); init => bhs.Set32(28, value.Value); }
    /// <summary>First 16 bytes of the CDB; longer ones go on in an extended-CDB AHS.</summary>
    public CdbBytes Cdb { get => new(bhs.U64(32), bhs.U64(40)); init { bhs.Set64(32, value.High); bhs.Set64(40, value.Low); } }

    public static bool TryRead(ReadOnlySpan<byte> source, out ScsiCommandPdu pdu) => Pdu.TryRead(source, out pdu);
    public void Write(Span<byte> target) => bhs.Write(target);
    public override string ToString() => PduText.Describe(bhs);
}
