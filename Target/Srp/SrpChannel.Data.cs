using Weft.Fabric.Verbs;
using Weft.Protocol.Srp;
using Weft.Target.Commands;
using Weft.Target.Rdma;

namespace Weft.Target.Srp;

// Descriptors, and data by RDMA.
public partial class SrpChannel
{
    /// <summary>Entries of a table that is not in the request: what a 64 KiB buffer holds.</summary>
    private const int MaxTableEntries = TargetDevice.SmallestBuffer / SrpDescriptor.Length;

    /// <summary>Reads where the data of a command are.</summary>
    /// <param name="table">A table of descriptors that must be fetched first; of no size if there is none.</param>
    /// <returns>False if the descriptors make no sense.</returns>
    private bool TryDescribe(SrpTask task, in SrpCommand command, Memory<byte> unit, out SrpDescriptor table)
    {
        table = default;
        if (!command.TryReadBuffers(unit.Span, out var dataOut, out var dataIn)) return false;
        var start = SrpCommand.Length + command.AdditionalCdbLength;
        if (dataOut.Format == SrpDataFormat.Immediate)
        {
            var length = dataOut.TotalLength;
            if (!UsesImmediateData || length > (uint)Math.Max(0, unit.Length - Login.ImmediateDataOffset)) return false;
            task.Immediate = unit.Slice(Login.ImmediateDataOffset, (int)length);
            task.Out = new(default, length);
        }
        else if (!TryDescribe(dataOut, unit[start..], out task.Out))
        {
            return false;
        }
        if (!TryDescribe(dataIn, unit[(start + dataOut.EncodedLength)..], out task.In)) return false;
        if (dataOut.IsPartial && dataIn.IsPartial) return false; // no command moves data both ways
        if (dataOut.IsPartial) table = dataOut.Table;
        else if (dataIn.IsPartial) table = dataIn.Table;
        return true;
    }

    private static bool TryDescribe(scoped in SrpDataBuffer buffer, ReadOnlyMemory<byte> encoded, out SrpDescriptorList list)
    {
        list = default;
        switch (buffer.Format)
        {
            case SrpDataFormat.Direct:
                list = new(encoded[..SrpDescriptor.Length], buffer.TotalLength);
                return true;
            case SrpDataFormat.Indirect:
                if (buffer.Table.Size % SrpDescriptor.Length != 0 || buffer.DescriptorCount > buffer.TableCount || buffer.TableCount > MaxTableEntries) return false;
                list = new(encoded[SrpDataBuffer.IndirectHeaderLength..buffer.EncodedLength], buffer.TotalLength);
                return buffer.IsPartial || list.IsWhole;
            default:
                return true;
        }
    }

    /// <summary>The command's table stands whole in the initiator's memory only: later requests wait until it is here, to keep their order.</summary>
    private void BeginTable(SrpTask task, SrpDescriptor table)
    {
        isTableOpen = true;
        task.RemoteTable = table;
        task.GrantedBuffer = Port.Pool.Take(task, (int)table.Size);
        task.AwaitsTable = task.GrantedBuffer is null;
        if (!task.AwaitsTable) FetchTable(task);
    }

    private void FetchTable(SrpTask task)
    {
        task.AwaitsTable = false;
        (task.Table, task.GrantedBuffer) = (task.GrantedBuffer, null);
        var work = TakeWork(SrpWorkKind.Table, task, WorkOpcode.RdmaRead);
        (work.Request.RemoteAddress, work.Request.Key) = (task.RemoteTable.Address, task.RemoteTable.Key);
        work.Sge = task.Table!.Sge(0, (int)task.RemoteTable.Size);
        Post(work);
    }

    private void TableFetched(SrpTask task, bool succeeded)
    {
        isTableOpen = false;
        if (!succeeded || State >= SrpChannelState.Draining)
        {
            EndUnsubmitted(task);
            return;
        }
        var entries = task.Table!.Memory[..(int)task.RemoteTable.Size];
        ref var list = ref task.Out.TotalLength > 0 ? ref task.Out : ref task.In;
        list = new(entries, list.TotalLength);
        if (list.IsWhole) Target.Device.Submit(nexus!, task);
        else Fail(task, BadDescriptors);
        TakeWaiting();
    }

    /// <summary>The channel closes: a command that still waits for room for its table goes no further.</summary>
    private void EndTableWaits()
    {
        if (!isTableOpen) return;
        foreach (var task in tasks)
        {
            if (!task.AwaitsTable) continue;
            (isTableOpen, task.AwaitsTable) = (false, false);
            EndUnsubmitted(task);
            EndIfDone(task);
        }
    }

    private void EndUnsubmitted(SrpTask task)
    {
        FreeReceive(task);
        FreeTable(task);
        task.IsEnding = true;
    }

    private void FreeTable(SrpTask task)
    {
        if (task.Table is not { } table) return;
        task.Table = null;
        Port.Pool.Return(table);
    }

    DataBuffer? ITaskPort.TakeBuffer(ScsiTask scsi, int wanted)
    {
        var task = (SrpTask)scsi;
        if (task.GrantedBuffer is { } granted)
        {
            task.GrantedBuffer = null;
            return granted;
        }
        if (wanted > 0 && wanted <= task.Immediate.Length)
        {
            task.InPlace.Point(task.Immediate);
            return task.InPlace;
        }
        return Port.Pool.Take(task, wanted);
    }

    void ITaskPort.ReturnBuffer(ScsiTask scsi, DataBuffer buffer)
    {
        var task = (SrpTask)scsi;
        if (buffer == task.WireBuffer) task.HoldsWireBuffer = true; // still being sent
        else if (buffer is RegisteredBuffer pooled) Port.Pool.Return(pooled);
    }

    void ITaskPort.FetchDataOut(ScsiTask scsi, long offset, DataBuffer buffer, int length)
    {
        var task = (SrpTask)scsi;
        if (State >= SrpChannelState.Draining)
        {
            task.TransferFailed(BadDataPhase);
        }
        else if (task.Immediate.Length > 0)
        {
            if (buffer == task.InPlace) task.InPlace.Point(task.Immediate[(int)offset..]);
            else task.Immediate.Slice((int)offset, length).CopyTo(buffer.Memory);
            task.TransferDone();
        }
        else
        {
            Move(task, SrpWorkKind.Fetch, task.Out, offset, (RegisteredBuffer)buffer, length);
        }
    }

    void ITaskPort.SendDataIn(ScsiTask scsi, long offset, DataBuffer buffer, int length, bool isLast)
    {
        var task = (SrpTask)scsi;
        if (State >= SrpChannelState.Draining)
        {
            task.TransferFailed(BadDataPhase);
            return;
        }
        var pooled = (RegisteredBuffer)buffer;
        if (isLast) task.WireBuffer = pooled;
        Move(task, SrpWorkKind.Place, task.In, offset, pooled, length);
        // the status may follow at once: the queue pair keeps the order, and the buffer is kept until the data have left
        if (isLast) MoveDone(task);
    }

    /// <summary>Posts a move in pieces: one for each descriptor, none longer than the limits.</summary>
    private void Move(SrpTask task, byte kind, in SrpDescriptorList list, long offset, RegisteredBuffer buffer, int length)
    {
        var longest = (uint)Math.Min(options.MaxRdmaSize, Port.Device.Attributes.MaxMessage);
        (task.MoveFailed, task.PendingMoves) = (false, 1); // the one is for this loop: pieces may end inside it
        var (index, within) = list.Find(offset);
        for (var done = 0; done < length;)
        {
            var descriptor = list[index];
            var piece = (int)Math.Min(Math.Min(longest, descriptor.Size - within), (uint)(length - done));
            if (piece > 0)
            {
                var work = TakeWork(kind, task, kind == SrpWorkKind.Fetch ? WorkOpcode.RdmaRead : WorkOpcode.RdmaWrite);
                (work.Request.RemoteAddress, work.Request.Key) = (descriptor.Address + within, descriptor.Key);
                work.Sge = buffer.Sge(done, piece);
                task.PendingMoves++;
                Post(work);
            }
            done += piece;
            within += (uint)piece;
            if (within == descriptor.Size) (index, within) = (index + 1, 0);
        }
        MovePartDone(task, succeeded: true);
    }

    private void MovePartDone(SrpTask task, bool succeeded)
    {
        task.MoveFailed |= !succeeded;
        if (--task.PendingMoves > 0) return;
        if (task.WireBuffer is not { } buffer)
        {
            MoveDone(task);
            return;
        }
        task.WireBuffer = null;
        if (!task.HoldsWireBuffer) return; // the core has it still, and gives it back itself
        task.HoldsWireBuffer = false;
        Port.Pool.Return(buffer);
    }

    private void MoveDone(SrpTask task)
    {
        if (task.MoveFailed && FailsWithPart) task.TransferFailed(BadDataPhase);
        else task.TransferDone();
    }

    /// <summary>A move of which any part failed has failed: what arrived is not handed on.</summary>
    private protected virtual bool FailsWithPart => true;

    /// <summary>
    /// Posted RDMA cannot be recalled: the move ends when it has completed, so that the initiator's memory is not touched after the
    /// function's answer. READs that still wait for their turn are forgotten.
    /// </summary>
    void ITaskPort.StopTransfer(ScsiTask scsi)
    {
        var task = (SrpTask)scsi;
        var forgotten = sends.ForgetReads(task);
        task.PendingWork -= forgotten;
        task.PendingMoves -= forgotten;
        task.MoveFailed |= forgotten > 0;
        if (MayStopNow(forgotten > 0, task.PendingMoves)) MoveDone(task);
    }

    /// <summary>Whether a move that is to stop has nothing with the device any more.</summary>
    private protected virtual bool MayStopNow(bool hasForgotten, int pendingMoves) => hasForgotten && pendingMoves == 0;
}
