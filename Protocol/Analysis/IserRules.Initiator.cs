using Weft.Protocol.Iscsi;
using Weft.Protocol.Iser;

namespace Weft.Protocol.Analysis;

internal sealed partial class IserRules
{
    private const uint LoginLimit = 8192;
    private LoginStage stage = LoginStage.Security;
    private bool hasStage;
    private LoginRequestPdu? login;
    private StatSn? firstExpected;
    private bool isStillNoted;

    private void TakeFromInitiator(in WirePacket packet, in WireMessage message, scoped in IserMessage iser)
    {
        var bhs = iser.Pdu.Bhs;
        if (message.Invalidated is { } key) Violated(packet, "remote-invalidate", "RFC 7145 §7.3.4", $"the initiator invalidates key {key}");
        if (!isFullFeature && bhs.Opcode != IscsiOpcode.LoginRequest)
            Violated(packet, "login-first", "RFC 7143 §6.3", $"{bhs.Opcode} before the login is done");
        CheckLength(packet, bhs, isFullFeature ? parameters.ToTarget : LoginLimit);
        if (bhs.Opcode is IscsiOpcode.DataOut && Pdu.TryView<DataOutPdu>(bhs, out var data))
        {
            TakeDataOut(packet, data);
            return;
        }
        if (bhs.Opcode is IscsiOpcode.LoginRequest && Pdu.TryView<LoginRequestPdu>(bhs, out var request))
        {
            TakeLogin(packet, request, iser.Pdu.Data);
            return;
        }
        if (bhs.Opcode is IscsiOpcode.SnackRequest) return;
        TakeCommandNumber(packet, bhs);
        CheckStatusNumber(packet, bhs);
        if (bhs.InitiatorTaskTag.IsReserved) return; // the answer to a ping
        var isContinued = bhs.Opcode is IscsiOpcode.TextRequest && bhs.U32(20) != TaskTag.Reserved.Value;
        if (tasks.ContainsKey(bhs.InitiatorTaskTag.Value) && !isContinued)
            Violated(packet, "task-tag", "RFC 7143 §11.2.1.8", $"ITT {bhs.InitiatorTaskTag} again before it was answered");
        var task = new IserTaskRecord { Opcode = bhs.Opcode, Lun = bhs.U64(8), CmdSn = new(bhs.U32(24)) };
        if (Pdu.TryView<ScsiCommandPdu>(bhs, out var command)) TakeCommand(packet, command, iser.Header, ref task);
        if (Pdu.TryView<TaskManagementRequestPdu>(bhs, out var management))
            (task.Function, task.Referenced) = (management.Function, management.ReferencedTaskTag.Value);
        tasks[bhs.InitiatorTaskTag.Value] = task;
    }

    /// <summary>CmdSN counts every command that is not immediate, and never leaves the window. RFC 7143 §4.2.2.1.</summary>
    private void TakeCommandNumber(in WirePacket packet, in Bhs bhs)
    {
        var number = new CmdSn(bhs.U32(24));
        if (nextCommand is { } expected && number != expected)
            Violated(packet, "cmd-sn", "RFC 7143 §4.2.2.1", $"{bhs.Opcode} with CmdSN {number}, {(bhs.Immediate ? "the current one" : "the next")} is {expected}");
        if (!bhs.Immediate && window is { } highest && number > highest)
            Violated(packet, "cmd-window", "RFC 7143 §4.2.2.1", $"{bhs.Opcode} with CmdSN {number}, the window ends at {highest}");
        nextCommand = bhs.Immediate ? number : number.Next;
    }

    private void CheckStatusNumber(in WirePacket packet, in Bhs bhs)
    {
        if (!isFullFeature || nextStatus is not { } next) return;
        var expected = new StatSn(bhs.U32(28));
        if (expected == firstExpected)
        {
            // libiscsi over iSER never counts; no target minds.
            if (expected != next && !isStillNoted) Noted(packet, "exp-stat-sn", "RFC 7143 §4.2.2.2", $"ExpStatSN stays {expected}, the next StatSN is {next}");
            isStillNoted |= expected != next;
            return;
        }
        if (expected > next) Violated(packet, "exp-stat-sn", "RFC 7143 §4.2.2.2", $"ExpStatSN {expected}, the next StatSN is {next}");
    }

    private void TakeCommand(in WirePacket packet, in ScsiCommandPdu command, in IserHeader header, ref IserTaskRecord task)
    {
        var immediate = (uint)command.DataSegmentLength;
        task.ExpectedLength = command.ExpectedDataTransferLength;
        task.Sent = immediate;
        task.HasMoreData = !command.Final;
        if ((header.HasWriteStag && !command.IsWrite) || (header.HasReadStag && !command.IsRead))
            Violated(packet, "stag-flags", "RFC 7145 §9.2", "an STag for a direction in which the command moves no data");
        if (header.HasWriteStag)
        {
            task.WriteKey = header.WriteStag;
            // The address stands behind what is sent unsolicited, or in front of it where a peer does as the RFC's text has it.
            keys.Advertise(header.WriteStag, header.WriteVa, command.ExpectedDataTransferLength);
        }
        if (header.HasReadStag)
        {
            task.ReadKey = header.ReadStag;
            keys.Advertise(header.ReadStag, header.ReadVa, command.ExpectedDataTransferLength);
        }
        if (!isWhole) return;
        if (immediate > 0 && (!parameters.ImmediateData || !command.IsWrite))
            Violated(packet, "immediate-data", "RFC 7143 §13.11", $"{immediate} bytes of immediate data {(command.IsWrite ? "where ImmediateData=No" : "for no write")}");
        if (immediate > Math.Min(parameters.FirstBurst, command.ExpectedDataTransferLength))
            Violated(packet, "first-burst", "RFC 7143 §13.14", $"{immediate} bytes of immediate data, FirstBurstLength {parameters.FirstBurst}, transfer {command.ExpectedDataTransferLength}");
        if (!command.Final && (parameters.InitialR2T || !command.IsWrite))
            Violated(packet, "unsolicited-data", "RFC 7143 §13.10", "a command without F bit where InitialR2T=Yes");
    }

    /// <summary>Over iSER all Data-Out is unsolicited, in order, within the first burst. RFC 7145 §7.3.7, RFC 7143 §11.7.</summary>
    private void TakeDataOut(in WirePacket packet, in DataOutPdu data)
    {
        if (!data.TargetTransferTag.IsReserved)
            Violated(packet, "solicited-data", "RFC 7145 §7.3.6", $"a solicited Data-Out PDU, TTT {data.TargetTransferTag}");
        if (!tasks.TryGetValue(data.InitiatorTaskTag.Value, out var task) || task.Opcode != IscsiOpcode.ScsiCommand)
        {
            // The target may have answered early; only what never was is wrong, and that cannot be told here.
            Noted(packet, "data-out-task", "RFC 7143 §11.7", $"Data-Out for ITT {data.InitiatorTaskTag}, which is not outstanding");
            return;
        }
        if (!task.HasMoreData) Violated(packet, "unsolicited-data", "RFC 7143 §11.7.1", $"Data-Out for ITT {data.InitiatorTaskTag} after its F bit");
        if (data.DataSn != task.NextDataSn) Violated(packet, "data-sn", "RFC 7143 §11.7.5", $"DataSN {data.DataSn}, the next is {task.NextDataSn}");
        if (data.BufferOffset != task.Sent) Violated(packet, "buffer-offset", "RFC 7143 §11.7.5", $"offset {data.BufferOffset}, sent so far {task.Sent}");
        task.Sent = data.BufferOffset + (uint)data.DataSegmentLength;
        task.NextDataSn = data.DataSn + 1;
        task.HasMoreData = !data.Final;
        if (isWhole && task.Sent > Math.Min(parameters.FirstBurst, task.ExpectedLength))
            Violated(packet, "first-burst", "RFC 7143 §13.14", $"{task.Sent} unsolicited bytes, FirstBurstLength {parameters.FirstBurst}, transfer {task.ExpectedLength}");
        tasks[data.InitiatorTaskTag.Value] = task;
    }

    /// <summary>One request at a time; stages only forward. RFC 7143 §6.3, §11.12.</summary>
    private void TakeLogin(in WirePacket packet, in LoginRequestPdu request, ReadOnlySpan<byte> text)
    {
        if (isFullFeature && isWhole) Violated(packet, "login-again", "RFC 7143 §6.3", "a Login Request in the full feature phase");
        if (login is not null) Violated(packet, "login-outstanding", "RFC 7143 §6.3", "a second Login Request before the answer to the first");
        if (hasStage && request.CurrentStage != stage)
            Violated(packet, "login-stage", "RFC 7143 §11.12.3", $"CSG {request.CurrentStage}, the login is in {stage}");
        CheckStages(packet, request.CurrentStage, request.NextStage, request.Transit);
        if (!request.Immediate) Violated(packet, "login-immediate", "RFC 7143 §11.12", "a Login Request without the I bit");
        if (nextCommand is { } number && isWhole && number != request.CmdSn)
            Violated(packet, "cmd-sn", "RFC 7143 §4.2.2.1", $"Login Request with CmdSN {request.CmdSn}, the first had {number}");
        nextCommand = request.CmdSn;
        firstExpected ??= request.ExpStatSn;
        (stage, hasStage) = (request.CurrentStage, true);
        login = request;
        parameters.Take(text, fromInitiator: true);
    }

    private void CheckStages(in WirePacket packet, LoginStage current, LoginStage next, bool transit)
    {
        if (current is LoginStage.Reserved or LoginStage.FullFeature || (transit && (next <= current || next == LoginStage.Reserved)))
            Violated(packet, "login-stage", "RFC 7143 §11.12.3", $"CSG {current}{(transit ? $", NSG {next}" : "")}");
    }
}
