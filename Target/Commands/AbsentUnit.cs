using Weft.Protocol.Scsi;

namespace Weft.Target.Commands;

/// <summary>Answers for every LUN that has no unit behind it. SPC-4 §6.6.2, §6.33, §6.39.</summary>
internal sealed class AbsentUnit : DeviceServer
{
    protected override Step Begin(ScsiTask task) => task.Cdb.Opcode switch
    {
        ScsiOpcode.Inquiry when task.Cdb.IsVpd || task.Cdb.VpdPage != 0 => Check(task, Sense.InvalidCdb(2)),
        ScsiOpcode.Inquiry or ScsiOpcode.RequestSense => Reply(task),
        ScsiOpcode.ReportLuns => CheckReportLuns(task),
        _ => Check(task, Sense.LunNotSupported),
    };

    protected override Step Continue(ScsiTask task) => ContinueReply(task);

    protected override ReadOnlySpan<byte> Build(ScsiTask task)
    {
        switch (task.Cdb.Opcode)
        {
            case ScsiOpcode.ReportLuns:
                return BuildReportLuns(task);
            case ScsiOpcode.RequestSense:
                return BuildRequestSense(task, Sense.LunNotSupported);
            default:
                var answer = Scratch(InquiryData.Length);
                new InquiryData(Qualifier: 3, DeviceType: 0x1F, IsQueued: false).Write(answer);
                return answer;
        }
    }
}
