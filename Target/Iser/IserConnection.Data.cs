using Weft.Fabric.Verbs;
using Weft.Protocol.Iscsi;
using Weft.Target.Commands;
using Weft.Target.Rdma;
using Weft.Target.Sessions;

namespace Weft.Target.Iser;

// Answers, and data by RDMA.
public partial class IserConnection
{
    protected override void Attach(IscsiTask task, ReceivedPdu pdu)
    {
        var mine = (IserTask)task;
        mine.Advertised = ((ReceiveSlot)pdu).Header;
        (mine.PendingMoves, mine.MoveFailed, mine.IsEnding) = (0, false, false);
    }

    protected override void SendLoginResponse(in Bhs header)
    {
        var work = TakeWork(IserWorkKind.LoginResponse, null, WorkOpcode.Send);
        work.Sge = loginSend!.Compose(header);
        sends.Post(work);
    }

    protected override void SendPing(in Bhs header)
    {
        var work = TakeWork(IserWorkKind.Ping, null, WorkOpcode.Send);
        work.Sge = pingSend!.Compose(header);
        sends.Post(work);
    }

    protected override void SendResponse(IscsiTask task, in Bhs header, bool isCommand)
    {
        var mine = (IserTask)task;
        var work = TakeWork(IserWorkKind.Response, mine, WorkOpcode.Send);
        if (isCommand && remoteInvalidate && (mine.Advertised.HasReadStag || mine.Advertised.HasWriteStag))
        {
            // one key alone, the read one first; only a SCSI Response may do it (RFC 7145 §7.3.1)
            work.Request.Opcode = WorkOpcode.SendWithInvalidate;
            work.Request.Key = mine.Advertised.HasReadStag ? mine.Advertised.ReadStag : mine.Advertised.WriteStag;
        }
        work.Sge = mine.Response.Compose(header);
        mine.IsEnding = true;
        sends.Post(work);
    }

    protected override void EndDropped(IscsiTask task)
    {
        var mine = (IserTask)task;
        mine.IsEnding = true;
        EndIfDone(mine);
    }

    public override DataBuffer? TakeBuffer(ScsiTask scsi, int wanted)
    {
        var task = (IserTask)scsi;
        if (task.GrantedBuffer is { } granted)
        {
            task.GrantedBuffer = null;
            return granted;
        }
        if (WholeDataOut(task) is { } pdu && wanted <= pdu.Data.Length)
        {
            task.InPlace.Point(pdu.Data); // the data are where they arrived
            return task.InPlace;
        }
        return Shared.Pool.Take(task, wanted);
    }

    protected override bool IsInPlace(IscsiTask task, DataBuffer buffer, long offset)
    {
        var view = ((IserTask)task).InPlace;
        if (buffer != view) return false;
        if (offset > 0) view.Point(WholeDataOut(task)!.Data[(int)offset..]);
        return true;
    }

    public override void ReturnBuffer(ScsiTask scsi, DataBuffer buffer)
    {
        var task = (IserTask)scsi;
        if (buffer == task.WireBuffer) task.HoldsWireBuffer = true; // still being sent
        else if (buffer is RegisteredBuffer pooled) Shared.Pool.Return(pooled);
    }

    protected override void FetchSolicited(IscsiTask task, long solicitedOffset, DataBuffer buffer, int bufferOffset, int length)
    {
        var mine = (IserTask)task;
        if (!mine.Advertised.HasWriteStag)
        {
            MoveImpossible(task, isOut: true);
            return;
        }
        // the address points at the first solicited byte already: ib_iser, LIO, tgt and libiscsi agree
        Move(mine, IserWorkKind.Fetch, mine.Advertised.WriteVa + (ulong)solicitedOffset, mine.Advertised.WriteStag, (RegisteredBuffer)buffer, bufferOffset, length);
    }

    protected override void PlaceDataIn(IscsiTask task, long offset, DataBuffer buffer, int length, bool isLast)
    {
        var mine = (IserTask)task;
        if (!mine.Advertised.HasReadStag)
        {
            MoveImpossible(task, isOut: false);
            return;
        }
        var pooled = (RegisteredBuffer)buffer;
        if (isLast) mine.WireBuffer = pooled;
        Move(mine, IserWorkKind.Place, mine.Advertised.ReadVa + (ulong)offset, mine.Advertised.ReadStag, pooled, 0, length);
        // the status may follow at once: the queue pair keeps the order, and the buffer is kept until the data have left
        if (isLast) MoveDone(task, !mine.MoveFailed);
    }

    /// <summary>Posts a move in pieces no longer than the limits.</summary>
    private void Move(IserTask task, byte kind, ulong remote, RKey key, RegisteredBuffer buffer, int bufferOffset, int length)
    {
        var longest = (int)Math.Min((uint)Host.Limits.MaxTransfer, Shared.Device.Attributes.MaxMessage);
        task.MoveFailed = false;
        task.PendingMoves = (length + longest - 1) / longest;
        for (var done = 0; done < length;)
        {
            var piece = Math.Min(longest, length - done);
            var work = TakeWork(kind, task, kind == IserWorkKind.Fetch ? WorkOpcode.RdmaRead : WorkOpcode.RdmaWrite);
            work.Request.RemoteAddress = remote + (ulong)done;
            work.Request.Key = key;
            work.Sge = buffer.Sge(bufferOffset + done, piece);
            done += piece;
            sends.Post(work);
        }
    }

    private void MovePartDone(IserTask task, bool succeeded)
    {
        task.MoveFailed |= !succeeded;
        if (--task.PendingMoves > 0) return;
        if (task.WireBuffer is not { } buffer)
        {
            MoveDone(task, !task.MoveFailed);
            return;
        }
        task.WireBuffer = null;
        if (!task.HoldsWireBuffer) return; // the core has it still, and gives it back itself
        task.HoldsWireBuffer = false;
        Shared.Pool.Return(buffer);
    }

    /// <summary>
    /// Posted RDMA cannot be recalled: the move ends when it has completed, so that the initiator's memory is not touched after the
    /// function's answer. Reads that still wait for their turn are forgotten.
    /// </summary>
    protected override bool StopMove(IscsiTask task)
    {
        var mine = (IserTask)task;
        var forgotten = sends.ForgetReads(mine);
        mine.PendingWork -= forgotten;
        mine.PendingMoves -= forgotten;
        mine.MoveFailed |= forgotten > 0;
        return mine.PendingMoves == 0;
    }
}
