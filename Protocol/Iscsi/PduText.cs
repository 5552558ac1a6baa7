using System.Globalization;
using System.Text;

namespace Weft.Protocol.Iscsi;

/// <summary>PDUs as people read them: one line each, in the names of RFC 7143.</summary>
public static class PduText
{
    /// <summary>Longest text of keys or ping data that a line shows.</summary>
    private const int MaxShown = 600;

    /// <summary>One line for a header.</summary>
    public static string Describe(in Bhs bhs) => Describe(bhs, default, default);

    /// <summary>One line for a whole PDU: keys of text, sense of a response, the refused opcode of a Reject.</summary>
    public static string Describe(scoped in PduView pdu) => Describe(pdu.Bhs, pdu.Ahs, pdu.Data);

    private static string Describe(in Bhs bhs, ReadOnlySpan<byte> ahs, ReadOnlySpan<byte> data)
    {
        var line = new StringBuilder(160);
        switch (bhs.Opcode)
        {
            case IscsiOpcode.ScsiCommand when Pdu.TryView<ScsiCommandPdu>(bhs, out var p):
                Start(line, "SCSI Command", bhs).Append(CultureInfo.InvariantCulture, $" LUN {p.Lun} {(p.IsRead ? "R" : "")}{(p.IsWrite ? "W" : "")}{(p.Final ? "" : " unsolicited-follows")} {p.Attribute} length {p.ExpectedDataTransferLength}{(bhs.DataSegmentLength > 0 ? $" immediate {bhs.DataSegmentLength}" : "")} CDB {p.Cdb}");
                Command(line, p.CmdSn, p.ExpStatSn);
                break;
            case IscsiOpcode.ScsiResponse when Pdu.TryView<ScsiResponsePdu>(bhs, out var p):
                Start(line, "SCSI Response", bhs).Append(p.Response == IscsiResponseCode.Completed ? $" {p.Status}" : $" {p.Response}");
                if (p.Overflow || p.Underflow) line.Append(CultureInfo.InvariantCulture, $" {(p.Overflow ? "over" : "under")}flow {p.Residual}");
                if (p.BidirectionalOverflow || p.BidirectionalUnderflow) line.Append(CultureInfo.InvariantCulture, $" read {(p.BidirectionalOverflow ? "over" : "under")}flow {p.BidirectionalReadResidual}");
                Status(line, p.StatSn, p.ExpCmdSn, p.MaxCmdSn);
                if (data.Length > 2) line.Append(" sense ").Append(Convert.ToHexStringLower(data[2..Math.Min(data.Length, 34)]));
                break;
            case IscsiOpcode.TaskManagementRequest when Pdu.TryView<TaskManagementRequestPdu>(bhs, out var p):
                Start(line, "Task Management", bhs).Append(CultureInfo.InvariantCulture, $" {p.Function} LUN {p.Lun}");
                if (!p.ReferencedTaskTag.IsReserved) line.Append(CultureInfo.InvariantCulture, $" task {p.ReferencedTaskTag} RefCmdSN {p.RefCmdSn}");
                Command(line, p.CmdSn, p.ExpStatSn);
                break;
            case IscsiOpcode.TaskManagementResponse when Pdu.TryView<TaskManagementResponsePdu>(bhs, out var p):
                Status(Start(line, "Task Management Response", bhs).Append(CultureInfo.InvariantCulture, $" {p.Response}"), p.StatSn, p.ExpCmdSn, p.MaxCmdSn);
                break;
            case IscsiOpcode.LoginRequest when Pdu.TryView<LoginRequestPdu>(bhs, out var p):
                Start(line, "Login", bhs);
                Stages(line, p.CurrentStage, p.NextStage, p.Transit, p.Continue);
                line.Append(CultureInfo.InvariantCulture, $" ISID {p.Isid} TSIH {p.Tsih} CID {p.Cid}");
                Command(line, p.CmdSn, p.ExpStatSn);
                break;
            case IscsiOpcode.LoginResponse when Pdu.TryView<LoginResponsePdu>(bhs, out var p):
                Start(line, "Login Response", bhs);
                Stages(line, p.CurrentStage, p.NextStage, p.Transit, p.Continue);
                line.Append(CultureInfo.InvariantCulture, $" {p.Status} ISID {p.Isid} TSIH {p.Tsih}");
                Status(line, p.StatSn, p.ExpCmdSn, p.MaxCmdSn);
                break;
            case IscsiOpcode.TextRequest when Pdu.TryView<TextRequestPdu>(bhs, out var p):
                Start(line, "Text", bhs).Append(CultureInfo.InvariantCulture, $"{(p.Final ? " F" : "")}{(p.Continue ? " C" : "")} TTT {p.TargetTransferTag}");
                Command(line, p.CmdSn, p.ExpStatSn);
                break;
            case IscsiOpcode.TextResponse when Pdu.TryView<TextResponsePdu>(bhs, out var p):
                Start(line, "Text Response", bhs).Append(CultureInfo.InvariantCulture, $"{(p.Final ? " F" : "")}{(p.Continue ? " C" : "")} TTT {p.TargetTransferTag}");
                Status(line, p.StatSn, p.ExpCmdSn, p.MaxCmdSn);
                break;
            case IscsiOpcode.DataOut when Pdu.TryView<DataOutPdu>(bhs, out var p):
                Start(line, "Data-Out", bhs).Append(CultureInfo.InvariantCulture, $"{(p.Final ? " F" : "")} TTT {p.TargetTransferTag} DataSN {p.DataSn} offset {p.BufferOffset} length {bhs.DataSegmentLength} ExpStatSN {p.ExpStatSn}");
                break;
            case IscsiOpcode.DataIn when Pdu.TryView<DataInPdu>(bhs, out var p):
                Start(line, "Data-In", bhs).Append(CultureInfo.InvariantCulture, $"{(p.Final ? " F" : "")}{(p.HasStatus ? $" {p.Status}" : "")} DataSN {p.DataSn} offset {p.BufferOffset} length {bhs.DataSegmentLength}");
                if (p.Overflow || p.Underflow) line.Append(CultureInfo.InvariantCulture, $" {(p.Overflow ? "over" : "under")}flow {p.Residual}");
                Status(line, p.StatSn, p.ExpCmdSn, p.MaxCmdSn);
                break;
            case IscsiOpcode.ReadyToTransfer when Pdu.TryView<ReadyToTransferPdu>(bhs, out var p):
                Start(line, "R2T", bhs).Append(CultureInfo.InvariantCulture, $" TTT {p.TargetTransferTag} R2TSN {p.R2TSn} offset {p.BufferOffset} length {p.DesiredLength}");
                Status(line, p.StatSn, p.ExpCmdSn, p.MaxCmdSn);
                break;
            case IscsiOpcode.LogoutRequest when Pdu.TryView<LogoutRequestPdu>(bhs, out var p):
                Command(Start(line, "Logout", bhs).Append(CultureInfo.InvariantCulture, $" {p.Reason} CID {p.Cid}"), p.CmdSn, p.ExpStatSn);
                break;
            case IscsiOpcode.LogoutResponse when Pdu.TryView<LogoutResponsePdu>(bhs, out var p):
                Status(Start(line, "Logout Response", bhs).Append(CultureInfo.InvariantCulture, $" {p.Response} Time2Wait {p.Time2Wait} Time2Retain {p.Time2Retain}"), p.StatSn, p.ExpCmdSn, p.MaxCmdSn);
                break;
            case IscsiOpcode.NopOut when Pdu.TryView<NopOutPdu>(bhs, out var p):
                Command(Start(line, "NOP-Out", bhs).Append(CultureInfo.InvariantCulture, $" TTT {p.TargetTransferTag} length {bhs.DataSegmentLength}"), p.CmdSn, p.ExpStatSn);
                break;
            case IscsiOpcode.NopIn when Pdu.TryView<NopInPdu>(bhs, out var p):
                Status(Start(line, "NOP-In", bhs).Append(CultureInfo.InvariantCulture, $" TTT {p.TargetTransferTag} length {bhs.DataSegmentLength}"), p.StatSn, p.ExpCmdSn, p.MaxCmdSn);
                break;
            case IscsiOpcode.AsyncMessage when Pdu.TryView<AsyncMessagePdu>(bhs, out var p):
                Start(line, "Async Message", bhs).Append(CultureInfo.InvariantCulture, $" {p.Event} P1 {p.Parameter1} P2 {p.Parameter2} P3 {p.Parameter3}");
                Status(line, p.StatSn, p.ExpCmdSn, p.MaxCmdSn);
                break;
            case IscsiOpcode.Reject when Pdu.TryView<RejectPdu>(bhs, out var p):
                Start(line, "Reject", bhs).Append(CultureInfo.InvariantCulture, $" {p.Reason}");
                if (Bhs.TryRead(data, out var refused)) line.Append(CultureInfo.InvariantCulture, $" of {refused.Opcode} ITT {refused.InitiatorTaskTag}");
                Status(line, p.StatSn, p.ExpCmdSn, p.MaxCmdSn);
                break;
            case IscsiOpcode.SnackRequest when Pdu.TryView<SnackRequestPdu>(bhs, out var p):
                Start(line, "SNACK", bhs).Append(CultureInfo.InvariantCulture, $" {p.Type} run {p.BegRun}+{p.RunLength} ExpStatSN {p.ExpStatSn}");
                break;
            default:
                Start(line, $"opcode 0x{(byte)bhs.Opcode:x2}", bhs);
                break;
        }
        foreach (var segment in new AhsReader(ahs)) line.Append(CultureInfo.InvariantCulture, $" AHS {segment.Type} {Convert.ToHexStringLower(segment.Content)}");
        if (bhs.Opcode is IscsiOpcode.LoginRequest or IscsiOpcode.LoginResponse or IscsiOpcode.TextRequest or IscsiOpcode.TextResponse) Keys(line, data);
        return line.ToString();
    }

    private static StringBuilder Start(StringBuilder line, string name, in Bhs bhs)
    {
        line.Append(name);
        if (bhs.Immediate && bhs.Opcode != IscsiOpcode.LoginRequest) line.Append(" immediate");
        if (!bhs.InitiatorTaskTag.IsReserved) line.Append(CultureInfo.InvariantCulture, $" ITT {bhs.InitiatorTaskTag}");
        return line;
    }

    private static void Command(StringBuilder line, CmdSn sn, StatSn expected) =>
        line.Append(CultureInfo.InvariantCulture, $" CmdSN {sn} ExpStatSN {expected}");

    private static void Status(StringBuilder line, StatSn sn, CmdSn expected, CmdSn max) =>
        line.Append(CultureInfo.InvariantCulture, $" StatSN {sn} ExpCmdSN {expected} MaxCmdSN {max}");

    private static void Stages(StringBuilder line, LoginStage current, LoginStage next, bool transit, bool more)
    {
        line.Append(CultureInfo.InvariantCulture, $" {current}");
        if (transit) line.Append(CultureInfo.InvariantCulture, $"->{next}");
        if (more) line.Append(" C");
    }

    private static void Keys(StringBuilder line, ReadOnlySpan<byte> data)
    {
        var shown = data[..Math.Min(data.Length, MaxShown)];
        if (shown.IsEmpty) return;
        line.Append(" {");
        foreach (var b in shown) line.Append(b is 0 ? ' ' : b is >= 0x20 and < 0x7F ? (char)b : '?');
        line.Length -= shown[^1] == 0 ? 1 : 0;
        line.Append(data.Length > shown.Length ? "...}" : "}");
    }
}
