using System.Buffers.Binary;
using Weft.Initiator.Commands;
using Weft.Protocol.Iscsi;

namespace Weft.Initiator.Iscsi;

// What comes from the target.
internal abstract partial class IscsiConnection
{
    /// <summary>
    /// Whether PDUs still count: an answer that comes after its login was given up belongs to nobody.
    /// </summary>
    internal virtual bool AcceptsPdus => Phase is ConnectionPhase.LoggingIn or ConnectionPhase.FullFeature or ConnectionPhase.LoggingOut;

    /// <summary>Takes a PDU. The transport has checked its lengths.</summary>
    private protected void Receive(in PduView pdu)
    {
        if (!AcceptsPdus) return;
        lastReceived = Executor.Now;
        if (Phase == ConnectionPhase.LoggingIn)
        {
            if (Pdu.TryView(pdu.Bhs, out LoginResponsePdu response)) OnLoginResponse(response, pdu.Data);
            else LoseByViolation(Unexpected(pdu.Bhs, "during login", "RFC 7143 §6.3"));
            return;
        }
        switch (pdu.Bhs.Opcode)
        {
            case IscsiOpcode.ScsiResponse when Pdu.TryView(pdu.Bhs, out ScsiResponsePdu response):
                CountStatus(response.StatSn);
                UpdateWindow(response.ExpCmdSn, response.MaxCmdSn);
                OnScsiResponse(response, pdu.Data);
                break;
            case IscsiOpcode.NopIn when Pdu.TryView(pdu.Bhs, out NopInPdu nop):
                UpdateWindow(nop.ExpCmdSn, nop.MaxCmdSn);
                OnNopIn(nop);
                break;
            case IscsiOpcode.TaskManagementResponse when Pdu.TryView(pdu.Bhs, out TaskManagementResponsePdu response):
                CountStatus(response.StatSn);
                UpdateWindow(response.ExpCmdSn, response.MaxCmdSn);
                OnTaskManagementResponse(response);
                break;
            case IscsiOpcode.TextResponse when Pdu.TryView(pdu.Bhs, out TextResponsePdu response):
                CountStatus(response.StatSn);
                UpdateWindow(response.ExpCmdSn, response.MaxCmdSn);
                OnTextResponse(response, pdu.Data);
                break;
            case IscsiOpcode.LogoutResponse when Pdu.TryView(pdu.Bhs, out LogoutResponsePdu response):
                CountStatus(response.StatSn);
                OnLogoutResponse(response);
                break;
            case IscsiOpcode.AsyncMessage when Pdu.TryView(pdu.Bhs, out AsyncMessagePdu message):
                CountStatus(message.StatSn);
                UpdateWindow(message.ExpCmdSn, message.MaxCmdSn);
                OnAsyncMessage(message, pdu.Data);
                break;
            case IscsiOpcode.Reject when Pdu.TryView(pdu.Bhs, out RejectPdu reject):
                CountStatus(reject.StatSn);
                UpdateWindow(reject.ExpCmdSn, reject.MaxCmdSn);
                OnReject(reject, pdu.Data);
                break;
            default: // Data-In and R2T are RDMA here: RFC 7145 §7.3
                LoseByViolation(Unexpected(pdu.Bhs, $"in {Phase}", "RFC 7145 §7.3"));
                break;
        }
        if (IsOpen) Owner.OnCapacity();
    }

    private static Violation Unexpected(in Bhs bhs, string where, string spec) => new("pdu-unexpected", spec, $"{bhs.Opcode} {where}");

    // A gap would mean a lost status; on a reliable connection only a target that miscounts makes one. open-iscsi follows the target.
    private void CountStatus(StatSn statSn)
    {
        if (statSn != expStatSn) Tolerate(new("statsn-order", "RFC 7143 §4.2.2.2", $"StatSN {statSn}, expected {expStatSn}"));
        if (statSn >= expStatSn) expStatSn = statSn.Next;
    }

    private void UpdateWindow(CmdSn exp, CmdSn max) => window.Update(exp, max);

    private void OnScsiResponse(in ScsiResponsePdu response, ReadOnlySpan<byte> data)
    {
        if (Tasks.Find(response.InitiatorTaskTag) is not { Kind: TaskKind.Command, IsAnswered: false } task)
        {
            LoseByViolation(new("itt-unknown", "RFC 7143 §11.2.1.8", $"SCSI Response to tag {response.InitiatorTaskTag}"));
            return;
        }
        if (CheckInvalidation(task) is { } violation)
        {
            LoseByViolation(violation);
            return;
        }
        Answer(task, ReadResponse(task.Command!, response, data));
    }

    /// <summary>For a transport that lets the target take memory keys back.</summary>
    private protected virtual Violation? CheckInvalidation(IscsiTask task) => null;

    private static CommandOutcome ReadResponse(DiskCommand command, in ScsiResponsePdu response, ReadOnlySpan<byte> data)
    {
        if (response.Response != IscsiResponseCode.Completed) return CommandOutcome.TargetFailure;
        command.Status = response.Status;
        if (response.Overflow && !response.Underflow) command.Residual = -(int)Math.Min(response.Residual, int.MaxValue);
        if (response.Underflow)
        {
            if (response.Overflow || response.Residual > command.Data.Length) return CommandOutcome.ProtocolError;
            command.Residual = (int)response.Residual;
        }
        if (data.Length < 2) return CommandOutcome.Completed;
        int length = BinaryPrimitives.ReadUInt16BigEndian(data);
        if (length > data.Length - 2) return CommandOutcome.ProtocolError;
        if (response.Status == ScsiStatus.CheckCondition) command.SetSense(data.Slice(2, length));
        return CommandOutcome.Completed;
    }

    private void OnReject(in RejectPdu reject, ReadOnlySpan<byte> data)
    {
        if (!Bhs.TryRead(data, out var refused))
        {
            LoseByViolation(new("reject-header", "RFC 7143 §11.17.4", $"{reject.Reason} with {data.Length} bytes of the refused PDU"));
            return;
        }
        Tolerate(new("rejected", "RFC 7143 §11.17", $"{refused.Opcode}: {reject.Reason}"));
        var task = Tasks.Find(refused.InitiatorTaskTag);
        switch (refused.Opcode)
        {
            case IscsiOpcode.ScsiCommand when task is { Kind: TaskKind.Command, IsAnswered: false }: // no task came to be: this is its end
                Answer(task, CommandOutcome.TargetFailure);
                break;
            case IscsiOpcode.DataOut: // the SCSI Response follows
            case IscsiOpcode.NopOut when task is null:
                break;
            case IscsiOpcode.NopOut when task == ping: // an answer, if a strange one: the target is alive
                EndPing();
                break;
            case IscsiOpcode.TaskManagementRequest when task is { Kind: TaskKind.TaskManagement }:
                OnTaskManagementAnswer(task, TaskManagementOutcome.Rejected);
                break;
            default:
                Lose(new(LossKind.ProtocolError, $"{refused.Opcode} rejected: {reject.Reason}"));
                break;
        }
    }
}
