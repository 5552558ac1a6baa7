using Weft.Fabric.Verbs;
using Weft.Initiator.Commands;
using Weft.Protocol.Srp;

namespace Weft.Initiator.Srp;

// Completions, and messages from the target.
internal sealed partial class SrpChannel
{
    /// <summary>Longest message that is expected: a response with sense data. What the target may send by its login is longer than any does.</summary>
    private const int MaxResponse = 512;

    void ICompletionHandler.OnCompletions(ICompletionQueue cq)
    {
        if (Phase >= SrpChannelPhase.Drained) return;
        TakeAll(cq);
        cq.Arm();
        TakeAll(cq); // what came between the last look and the arming gives no notification
    }

    private void ConsumeAll()
    {
        if (receiveCq is null) return;
        TakeAll(receiveCq);
        TakeAll(sendCq!);
    }

    private void TakeAll(ICompletionQueue cq)
    {
        for (int n; (n = cq.Poll(polled)) > 0;)
            for (var i = 0; i < n; i++) Take(polled[i]);
    }

    private static ulong IdOf(SrpWork work, int index = 0) => (ulong)work << 32 | (uint)index;

    private void Take(in WorkCompletion done)
    {
        var (work, index) = ((SrpWork)(done.Id >> 32), (int)(uint)done.Id);
        if (work is SrpWork.SendDrain or SrpWork.ReceiveDrain)
        {
            OnDrainMarker(work == SrpWork.SendDrain);
            return;
        }
        if (done.Status == CompletionStatus.Flushed && Phase == SrpChannelPhase.Connecting) return; // the connection manager's event, which says why, is on its way
        if (done.Status != CompletionStatus.Success)
        {
            Lose($"{work}: {done.Status}"); // what a failed request held stays held until both queues have drained
            return;
        }
        switch (work)
        {
            case SrpWork.Receive:
                if (IsOpen) TakeMessage(arena!.Receive(index, (int)done.ByteLength));
                PostReceive(index);
                break;
            case SrpWork.RequestSend:
                requests[index].SendsPending--;
                CheckSettled(requests[index]);
                break;
            case SrpWork.Invalidate:
                requests[index].InvalidatesPending--;
                CheckSettled(requests[index]);
                break;
            case SrpWork.NoticeSend:
                OnNoticeSent(index);
                break;
        }
    }

    private void PostReceive(int index)
    {
        if (IsOpen && qp!.PostReceive(IdOf(SrpWork.Receive, index), [arena!.ReceiveSge(index)]) is { } error) Lose($"receive refused: {error}");
    }

    private void TakeMessage(ReadOnlySpan<byte> unit)
    {
        if (SrpResponse.TryRead(unit, out var response))
        {
            limit += response.RequestLimitDelta;
            OnResponse(response, unit);
        }
        else if (SrpAsyncEvent.TryRead(unit, out var asyncEvent))
        {
            limit += asyncEvent.RequestLimitDelta;
            session.OnAsyncEvent(new(asyncEvent.Lun), unit.Slice(SrpAsyncEvent.Length, (int)asyncEvent.SenseLength));
            SendNotice(EventNotice, new(SrpOpcode.AsyncEventResponse, 0, 0, asyncEvent.Tag));
        }
        else if (SrpNotice.TryRead(unit, out var notice) && notice.Opcode == SrpOpcode.CreditRequest)
        {
            limit += notice.Value;
            SendNotice(CreditNotice, new(SrpOpcode.CreditResponse, 0, 0, notice.Tag));
        }
        else if (notice.Opcode == SrpOpcode.TargetLogout)
        {
            Lose($"SRP_T_LOGOUT, reason {notice.Value}");
        }
        else
        {
            UnknownMessages++; // the driver logs it and goes on
        }
        if (!IsOpen) return;
        StartNextJob();
        session.OnCapacity();
    }

    /// <summary>Messages that could not be read, and responses to tags that are not in use: their credits count all the same.</summary>
    public int UnknownMessages { get; private set; }

    private void OnResponse(in SrpResponse response, ReadOnlySpan<byte> unit)
    {
        var slot = response.Tag & 0x7FFF_FFFF;
        if (slot >= (ulong)requestCount || requests[slot] is not { IsBusy: true, IsAnswered: false } request || request.Tag != response.Tag)
        {
            UnknownMessages++;
            return;
        }
        if (request.Job is not null)
        {
            OnManagementAnswer(request, response, unit);
            return;
        }
        Answer(request, ReadResponse(request.Command!, response, unit));
    }

    private static CommandOutcome ReadResponse(DiskCommand command, in SrpResponse response, ReadOnlySpan<byte> unit)
    {
        if ((response.Flags & SrpResponseFlags.ResponseValid) != 0)
        {
            var data = response.ResponseData(unit);
            if (data.Length < 4 || data[3] != (byte)SrpResponseCode.NoFailure) return CommandOutcome.TargetFailure;
        }
        command.Status = (ScsiStatus)response.Status;
        if ((response.Flags & SrpResponseFlags.SenseValid) != 0) command.SetSense(response.Sense(unit));
        var (over, under, residual) = command.Direction == DataDirection.Out
            ? (SrpResponseFlags.DataOutOverflow, SrpResponseFlags.DataOutUnderflow, response.DataOutResidual)
            : (SrpResponseFlags.DataInOverflow, SrpResponseFlags.DataInUnderflow, response.DataInResidual);
        if ((response.Flags & under) != 0)
        {
            if ((response.Flags & over) != 0 || residual > command.Data.Length) return CommandOutcome.ProtocolError;
            command.Residual = (int)residual;
        }
        else if ((response.Flags & over) != 0)
        {
            command.Residual = -(int)Math.Min(residual, int.MaxValue);
        }
        return CommandOutcome.Completed;
    }

    private void Answer(SrpRequest request, CommandOutcome outcome)
    {
        (request.IsAnswered, request.Outcome) = (true, outcome);
        request.Command?.MarkAnswered();
        Invalidate(request);
        CheckSettled(request);
    }

    private void CheckSettled(SrpRequest request)
    {
        if (request is not { IsBusy: true, IsAnswered: true, IsQuiet: true } || !IsOpen) return;
        var (command, outcome) = (request.Command, request.Outcome);
        request.End();
        Free(request);
        if (command is null) StartNextJob();
        else session.OnCommandEnded(command, outcome);
        session.OnCapacity();
    }
}
