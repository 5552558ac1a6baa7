using Weft.Protocol.Iscsi;
using Weft.Protocol.Iser;

namespace Weft.Protocol.Analysis;

internal sealed partial class IserRules
{
    private void TakeFromTarget(in WirePacket packet, in WireMessage message, scoped in IserMessage iser)
    {
        var bhs = iser.Pdu.Bhs;
        if (iser.Header.HasReadStag || iser.Header.HasWriteStag)
            Violated(packet, "stag-flags", "RFC 7145 §9.2", "an STag from the target");
        if (bhs.Opcode is IscsiOpcode.DataIn or IscsiOpcode.ReadyToTransfer)
        {
            Violated(packet, "iser-pdu", "RFC 7145 §7.3", $"a {bhs.Opcode} PDU; over iSER data moves by RDMA");
            return;
        }
        CheckLength(packet, bhs, isFullFeature ? parameters.ToInitiator : LoginLimit);
        TakeNumbers(packet, bhs);
        TakeInvalidation(packet, message, bhs);
        if (Pdu.TryView<LoginResponsePdu>(bhs, out var response))
        {
            TakeLoginResponse(packet, response, iser.Pdu.Data);
            return;
        }
        if (!isFullFeature) Violated(packet, "login-first", "RFC 7143 §6.3", $"{bhs.Opcode} before the login is done");
        if (bhs.Opcode is IscsiOpcode.AsyncMessage or IscsiOpcode.Reject || bhs.InitiatorTaskTag.IsReserved) return;
        Complete(packet, bhs);
    }

    /// <summary>StatSN counts what carries status; ExpCmdSN is not ahead of the commands. RFC 7143 §4.2.2.1, §4.2.2.2.</summary>
    private void TakeNumbers(in WirePacket packet, in Bhs bhs)
    {
        // A login that is refused has no valid numbers. RFC 7143 §11.13.4, §11.13.5; LIO sends zeros.
        if (bhs.Opcode == IscsiOpcode.LoginResponse && bhs.U32(36) >> 24 != 0) return;
        var status = new StatSn(bhs.U32(24));
        if (nextStatus is { } expected && status != expected)
            Violated(packet, "stat-sn", "RFC 7143 §4.2.2.2", $"{bhs.Opcode} with StatSN {status}, the next is {expected}");
        var isPing = bhs.Opcode == IscsiOpcode.NopIn && bhs.InitiatorTaskTag.IsReserved;
        nextStatus = isPing ? status : status.Next;
        var command = new CmdSn(bhs.U32(28));
        var highest = new CmdSn(bhs.U32(32));
        if (nextCommand is { } next && command > next && !isFullFeature)
            Noted(packet, "exp-cmd-sn", "RFC 7143 §4.2.2.1", $"ExpCmdSN {command} in the login, which counts the Login Request {next} in"); // tgtd does
        else if (nextCommand is { } current && command > current)
            Violated(packet, "exp-cmd-sn", "RFC 7143 §4.2.2.1", $"ExpCmdSN {command}, the next command would be {current}");
        if (highest - command < -1) return; // to be ignored; an initiator does
        if (window is not { } known || highest > known) window = highest;
    }

    /// <summary>Only where both sides agreed, only with a SCSI Response, only a key of its command. RFC 7145 §7.3.4.</summary>
    private void TakeInvalidation(in WirePacket packet, in WireMessage message, in Bhs bhs)
    {
        if (message.Invalidated is not { } key) return;
        if (Conversation.IsComplete && !(Conversation.IserRequest is { RemoteInvalidate: true } && Conversation.IserReply is { RemoteInvalidate: true }))
            Violated(packet, "remote-invalidate", "RFC 7145 §7.3.4", $"key {key} invalidated, which was not agreed on");
        if (bhs.Opcode != IscsiOpcode.ScsiResponse)
            Violated(packet, "remote-invalidate", "RFC 7145 §7.3.4", $"key {key} invalidated by a {bhs.Opcode}");
        else if (tasks.TryGetValue(bhs.InitiatorTaskTag.Value, out var task) && key != (task.ReadKey ?? task.WriteKey))
            Violated(packet, "remote-invalidate", "RFC 7145 §7.3.4",
                $"key {key} invalidated, the command has {(task.ReadKey is { } read ? $"read key {read}" : task.WriteKey is { } write ? $"write key {write}" : "none")}");
        keys.Invalidate(key);
    }

    /// <summary>Each request is answered once, in kind. RFC 7143 §4.2.2.3.</summary>
    private void Complete(in WirePacket packet, in Bhs bhs)
    {
        var tag = bhs.InitiatorTaskTag.Value;
        if (!tasks.Remove(tag, out var task))
        {
            if (isWhole) Violated(packet, "answered-once", "RFC 7143 §4.2.2.3", $"{bhs.Opcode} for ITT {bhs.InitiatorTaskTag}, which is not outstanding");
            return;
        }
        if ((byte)task.Opcode != ((byte)bhs.Opcode & 0x1F))
            Violated(packet, "answered-once", "RFC 7143 §11.2.1.2", $"{bhs.Opcode} for ITT {bhs.InitiatorTaskTag}, which is a {task.Opcode}");
        if (bhs.Opcode == IscsiOpcode.TextResponse && !bhs.Final)
        {
            tasks[tag] = task; // more text follows under the same tag
            return;
        }
        Release(task);
        if (Pdu.TryView<TaskManagementResponsePdu>(bhs, out var management) && management.Response == TaskManagementResponseCode.Complete) EndTasks(task);
    }

    /// <summary>
    /// The tasks that a function ended get no answer of their own any more: those that the target took before it, which are the ones with
    /// lower numbers. RFC 7143 §4.2.2.1, §11.5.1, §11.6.1.
    /// </summary>
    private void EndTasks(in IserTaskRecord function)
    {
        switch (function.Function)
        {
            case TaskManagementFunction.AbortTask:
                if (tasks.TryGetValue(function.Referenced, out var one)) End(function.Referenced, one);
                break;
            case TaskManagementFunction.AbortTaskSet or TaskManagementFunction.ClearTaskSet or TaskManagementFunction.LogicalUnitReset
                or TaskManagementFunction.TargetWarmReset or TaskManagementFunction.TargetColdReset:
                var all = function.Function is TaskManagementFunction.TargetWarmReset or TaskManagementFunction.TargetColdReset;
                foreach (var (tag, task) in tasks.ToArray())
                    if (task.Opcode == IscsiOpcode.ScsiCommand && task.CmdSn < function.CmdSn && (all || task.Lun == function.Lun)) End(tag, task);
                break;
        }
    }

    private void End(uint tag, in IserTaskRecord task)
    {
        tasks.Remove(tag);
        Release(task);
    }

    private void TakeLoginResponse(in WirePacket packet, in LoginResponsePdu response, ReadOnlySpan<byte> text)
    {
        if (login is not { } request)
        {
            if (isWhole) Violated(packet, "login-answer", "RFC 7143 §11.13", "a Login Response without a request");
            return;
        }
        login = null;
        if (response.InitiatorTaskTag != request.InitiatorTaskTag)
            Violated(packet, "login-answer", "RFC 7143 §11.13", $"ITT {response.InitiatorTaskTag}, the request's is {request.InitiatorTaskTag}");
        parameters.Take(text, fromInitiator: false);
        if (response.Status != LoginStatus.Success) return; // the connection ends here
        if (response.CurrentStage != request.CurrentStage)
            Violated(packet, "login-stage", "RFC 7143 §11.13.2", $"CSG {response.CurrentStage}, the request's is {request.CurrentStage}");
        if (!response.Transit) return;
        if (!request.Transit || response.NextStage > request.NextStage)
            Violated(packet, "login-stage", "RFC 7143 §11.13.2", $"transit to {response.NextStage}, asked was for {(request.Transit ? $"{request.NextStage}" : "none")}");
        CheckStages(packet, response.CurrentStage, response.NextStage, transit: true);
        stage = response.NextStage;
        if (response.NextStage != LoginStage.FullFeature) return;
        isFullFeature = true;
        if (response.Tsih == 0) Violated(packet, "tsih", "RFC 7143 §11.13.4", "the final Login Response without a TSIH");
    }
}
