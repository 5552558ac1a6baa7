using Weft.Protocol.Scsi;

namespace Weft.Protocol.Iscsi;

/// <summary>SCSI Response. RFC 7143 §11.4.</summary>
// 0 -:1 I:1 opcode:6 | 1 1:1 -:2 o:1 u:1 O:1 U:1 -:1 | 2 Response | 3 Status | 16 ITT | 20 SNACK tag | 24 StatSN |
//  28 ExpCmdSN | 32 MaxCmdSN | 36 ExpDataSN | 40 bidi read residual | 44 residual
public readonly record struct ScsiResponsePdu : IPdu<ScsiResponsePdu>
{
    public const int Length = Bhs.Length;
    private readonly Bhs bhs;

    public ScsiResponsePdu()
    {
        bhs.Opcode = IscsiOpcode.ScsiResponse;
        bhs.Final = true; // always set
    }

    public static IscsiOpcode Opcode => IscsiOpcode.ScsiResponse;
    public Bhs Bhs { get => bhs; init => bhs = value; }
    public bool BidirectionalOverflow { get => bhs.Has(1, 0x10); init => bhs.SetBits(1, 0x10, value); }
    public bool BidirectionalUnderflow { get => bhs.Has(1, 0x08); init => bhs.SetBits(1, 0x08, value); }
    public bool Overflow { get => bhs.Has(1, 0x04); init => bhs.SetBits(1, 0x04, value); }
    public bool Underflow { get => bhs.Has(1, 0x02); init => bhs.SetBits(1, 0x02, value); }
    public IscsiResponseCode Response { get => (IscsiResponseCode)bhs[2]; init => bhs[2] = (byte)value; }
    /// <summary>SCSI status; meaningful only if <see cref="Response"/> says that the target completed the command.</summary>
    public ScsiStatus Status { get => (ScsiStatus)bhs[3]; init => bhs[3] = (byte)value; }
    public int DataSegmentLength { get => bhs.DataSegmentLength; init => bhs.DataSegmentLength = value; }
    public TaskTag InitiatorTaskTag { get => new(bhs.U32(16)); init => bhs.Set32(16, value.Value); }
    public TaskTag SnackTag { get => new(bhs.U32(20)); init => bhs.Set32(20, value.Value); }
    public StatSn StatSn { get => new(bhs.U32(24)); init => bhs.Set32(24, value.Value); }
    public CmdSn ExpCmdSn { get => new(bhs.U32(28)); init => bhs.Set32(28, value.Value); }
    public CmdSn MaxCmdSn { get => new(bhs.U32(32)); init => bhs.Set32(32, value.Value); }
    /// <summary>Data-In and R2T PDUs of the command; 0 over iSER.</summary>
    public uint ExpDataSn { get => bhs.U32(36); init => bhs.Set32(36, value); }
    public uint BidirectionalReadResidual { get => bhs.U32(40); init => bhs.Set32(40, value); }
    public uint Residual { get => bhs.U32(44); init => bhs.Set32(44, value); }

    public static bool TryRead(ReadOnlySpan<byte> source, out ScsiResponsePdu pdu) => Pdu.TryRead(source, out pdu);
    public void Write(Span<byte> target) => bhs.Write(target);
    public override string ToString() => PduText.Describe(bhs);
}
