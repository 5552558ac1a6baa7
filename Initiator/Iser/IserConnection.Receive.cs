using Weft.Initiator.Iscsi;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iser;

namespace Weft.Initiator.Iser;

// Completions, and messages from the target.
internal partial class IserConnection
{
    private readonly int receiveCount;
    private bool hasReceivesPosted;
    private bool wasInvalidated;
    private RKey invalidatedKey;

    void ICompletionHandler.OnCompletions(ICompletionQueue cq)
    {
        if (Phase < ConnectionPhase.Drained) Consume(cq);
    }

    /// <summary>
    /// Empties a queue, arms it, and looks once more: what came between the last look and the arming gives no notification.
    /// </summary>
    internal virtual void Consume(ICompletionQueue cq)
    {
        TakeAll(cq);
        cq.Arm();
        TakeAll(cq);
    }

    private void ConsumeAll()
    {
        if (receiveCq is null) return;
        TakeAll(receiveCq);
        if (sendCq != receiveCq) TakeAll(sendCq!);
    }

    private protected void TakeAll(ICompletionQueue cq)
    {
        for (int n; (n = cq.Poll(polled)) > 0;)
            for (var i = 0; i < n; i++) Take(polled[i]);
    }

    private static ulong IdOf(IserWork work, int index = 0) => (ulong)work << 32 | (uint)index;

    private void Take(in WorkCompletion done)
    {
        var (work, index) = ((IserWork)(done.Id >> 32), (int)(uint)done.Id);
        if (work is IserWork.SendDrain or IserWork.ReceiveDrain)
        {
            OnDrainMarker(work == IserWork.SendDrain);
            return;
        }
        if (done.Status != CompletionStatus.Success)
        {
            // What a failed request held stays held until both queues have drained.
            if (IsOpen) Lose(new(LossKind.TransportError, $"{work}: {done.Status}"));
            return;
        }
        switch (work)
        {
            case IserWork.LoginReceive:
                TakeMessage(done, arena!.LoginReceive);
                if (IsDiscovery && Phase is ConnectionPhase.FullFeature or ConnectionPhase.LoggingOut) PostReceive(IserWork.LoginReceive, 0);
                break;
            case IserWork.Receive:
                TakeMessage(done, arena!.Receive(index));
                if (IsOpen) PostReceive(IserWork.Receive, index);
                break;
            case IserWork.ControlSend:
                OnControlSent(index);
                break;
            case IserWork.CommandSend:
                OnCommandSent((IserTask)Tasks.All[index]!);
                break;
            case IserWork.Invalidate:
                OnInvalidated((IserTask)Tasks.All[index]!);
                break;
        }
    }

    private void TakeMessage(in WorkCompletion done, in IserArena.Piece piece)
    {
        if (!IsOpen) return;
        if (IserMessage.TryRead(piece.Span[..(int)Math.Min(done.ByteLength, (uint)piece.Span.Length)], out var message) is { } violation)
        {
            LoseByViolation(violation);
            return;
        }
        if (!message.Header.IsControl)
        {
            LoseByViolation(new("iser-opcode", "RFC 7145 §9.3", $"{message.Header.Opcode} although it was not negotiated"));
            return;
        }
        wasInvalidated = (done.Flags & CompletionFlags.WithInvalidate) != 0;
        invalidatedKey = new(done.ImmediateOrKey);
        if (wasInvalidated && message.Pdu.Bhs.Opcode != IscsiOpcode.ScsiResponse)
        {
            LoseByViolation(new("invalidate-pdu", "RFC 7145 §7.3.1", $"{message.Pdu.Bhs.Opcode} with a key taken back"));
            return;
        }
        Receive(message.Pdu);
    }

    /// <summary>
    /// A key that the target takes back must have been agreed on, and must be the one of this very command: with a foreign one taken, data of
    /// another command can no longer be moved. RFC 7145 §7.3.1.
    /// </summary>
    private protected override Violation? CheckInvalidation(IscsiTask task) => CheckRemoteInvalidate((IserTask)task, wasInvalidated, invalidatedKey);

    internal virtual Violation? CheckRemoteInvalidate(IserTask task, bool wasInvalidated, RKey key)
    {
        if (!wasInvalidated) return null;
        if (!IsRemoteInvalidating) return new("invalidate-agreed", "RFC 7145 §7.3.1", $"key {key} taken back although that was not agreed");
        if (task.RemoteKey != key) return new("invalidate-key", "RFC 7145 §7.3.1", $"key {key} taken back, the command's is {task.RemoteKey}");
        task.RemoteKey = null;
        task.Registration!.IsRegistered = false;
        return null;
    }

    private bool PostReceive(IserWork work, int index)
    {
        if (!MayPost) return false;
        var piece = work == IserWork.LoginReceive ? arena!.LoginReceive : arena!.Receive(index);
        if (qp!.PostReceive(IdOf(work, index), [piece.Whole]) is not { } error) return true;
        Lose(new(LossKind.TransportError, $"receive refused: {error}"));
        return false;
    }

    /// <summary>Everything that full feature phase needs, behind the one buffer of the login response.</summary>
    private void PostAllReceives()
    {
        if (hasReceivesPosted) return;
        hasReceivesPosted = true;
        for (var i = 0; i < receiveCount; i++)
            if (!PostReceive(IserWork.Receive, i)) return;
    }
}
