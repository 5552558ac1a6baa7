using Weft.Protocol.Scsi;

namespace Weft.Target.Commands;

/// <summary>What all device servers share: answers built here, parameter lists fetched whole, buffers, and the commands of SPC-4.</summary>
public abstract class DeviceServer : LogicalUnit
{
    private const int NeedBuffer = 0, Moved = 1;
    private byte[] scratch = [];

    /// <summary>Builds the whole answer of a command whose CDB was checked.</summary>
    /// <returns>Its bytes, in memory that the next call reuses.</returns>
    protected abstract ReadOnlySpan<byte> Build(ScsiTask task);

    /// <summary>Scratch memory of at least so many bytes, cleared.</summary>
    protected Span<byte> Scratch(int length)
    {
        if (scratch.Length < length) scratch = new byte[Math.Max(4096, length)];
        var span = scratch.AsSpan(0, length);
        span.Clear();
        return span;
    }

    /// <summary>Sets out to answer with what <see cref="Build"/> makes, cut to the allocation length.</summary>
    private protected static Step Reply(ScsiTask task)
    {
        task.Work = Work.Reply;
        return Step.Again;
    }

    private protected Step ContinueReply(ScsiTask task)
    {
        if (task.Phase == Moved)
        {
            task.Offset += task.Piece;
            if (task.Offset >= Math.Min(task.Needed, task.DataInLength)) return Step.End;
        }
        var allocation = task.Cdb.Info is { Unit: CountUnit.Allocation } ? task.Cdb.ByteCount : uint.MaxValue;
        var wanted = Math.Min(allocation, task.DataInLength) - task.Offset;
        if (wanted > 0 && !TryTakeBuffer(task, (int)Math.Min(wanted, TargetDevice.SmallestBuffer))) return Step.Wait;
        var answer = Build(task);
        task.Needed = Math.Min(allocation, answer.Length);
        task.Piece = (int)Math.Max(0, Math.Min(Math.Min(task.Needed, task.DataInLength) - task.Offset, task.Buffer?.Length ?? 0));
        if (task.Piece == 0) return Step.End;
        answer.Slice((int)task.Offset, task.Piece).CopyTo(task.Buffer!.Memory.Span);
        task.Phase = Moved;
        return Send(task, task.Offset + task.Piece >= Math.Min(task.Needed, task.DataInLength));
    }

    /// <summary>Takes a buffer, unless the task has one. False: the task now waits for it.</summary>
    private protected static bool TryTakeBuffer(ScsiTask task, int wanted)
    {
        if (task.Buffer is not null) return true;
        task.Buffer = task.Nexus!.Port.TakeBuffer(task, wanted);
        if (task.Buffer is not null)
        {
            if (task.Buffer.Length < Math.Min(wanted, TargetDevice.SmallestBuffer))
                throw new InvalidOperationException($"The front end lent {task.Buffer.Length} bytes where {wanted} were wanted");
            return true;
        }
        task.Enter(TaskState.AwaitBuffer);
        return false;
    }

    /// <summary>Asks the front end for the next <see cref="ScsiTask.Piece"/> bytes of data-out.</summary>
    private protected static Step Fetch(ScsiTask task)
    {
        task.Enter(TaskState.DataOut);
        task.Nexus!.Port.FetchDataOut(task, task.Offset, task.Buffer!, task.Piece);
        return Step.Wait;
    }

    /// <summary>Gives the front end <see cref="ScsiTask.Piece"/> bytes of data-in.</summary>
    private protected static Step Send(ScsiTask task, bool isLast)
    {
        task.Enter(TaskState.DataIn);
        task.Nexus!.Port.SendDataIn(task, task.Offset, task.Buffer!, task.Piece, isLast);
        return Step.Wait;
    }

    // ---- commands of every unit ----

    /// <summary>REPORT LUNS: what this initiator sees, ascending. SPC-4 §6.33.</summary>
    private protected ReadOnlySpan<byte> BuildReportLuns(ScsiTask task)
    {
        var units = task.Nexus!.Units;
        var count = task.Cdb[2] == 1 ? 0 : units.Count; // select report 1: well-known units, of which there are none
        var answer = Scratch(LunList.LengthFor(count));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(answer, (uint)(count * Lun.Length));
        for (var i = 0; i < count; i++) Lun.From(units[i].Number).Write(answer[LunList.LengthFor(i)..]);
        for (var i = 0; i < units.Count; i++) units[i].Clear(UnitAttention.ReportedLunsChanged);
        return answer;
    }

    private protected static Step CheckReportLuns(ScsiTask task) => task.Cdb[2] > 2 ? Check(task, Sense.InvalidCdb(2)) : Reply(task);

    /// <summary>REQUEST SENSE: the pending unit attention, or nothing to tell. SPC-4 §6.39.</summary>
    private protected ReadOnlySpan<byte> BuildRequestSense(ScsiTask task, Sense otherwise)
    {
        if (task.NexusUnit is null || !task.NexusUnit.TryTake(out var sense)) sense = otherwise;
        var answer = Scratch(Sense.MaxDescriptorLength);
        return answer[..sense.Write(answer, descriptor: (task.Cdb[1] & 1) != 0)];
    }
}
