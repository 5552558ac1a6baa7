using Weft.Protocol.Scsi;
using Weft.Target.Luns;

namespace Weft.Target.Commands;

// Commands whose data-out is fetched whole before anything is done: UNMAP, WRITE SAME, COMPARE AND WRITE, MODE SELECT, VERIFY with BYTCHK 3.
public partial class DiskUnit
{
    private const int Working = 2, Finished = 3;

    /// <summary>
    /// Fetches so many bytes; an initiator that has fewer gets <paramref name="mismatch"/>, and so does one that has more where blocks
    /// are counted (<paramref name="isExact"/>): there the two sides do not agree on the block length.
    /// </summary>
    private static Step BeginParameters(ScsiTask task, int length, Sense mismatch, bool isExact = false)
    {
        (task.Work, task.Needed) = (Work.Parameters, length);
        return task.DataOutLength == length || task.DataOutLength > length && !isExact ? Step.Again : Check(task, mismatch);
    }

    private Step ContinueParameters(ScsiTask task)
    {
        switch (task.Phase)
        {
            case Next:
                if (!TryTakeBuffer(task, (int)task.Needed)) return Step.Wait;
                (task.Piece, task.Phase) = ((int)task.Needed, Arrived);
                return Fetch(task);
            case Arrived:
                (task.Offset, task.Phase) = (task.Needed, Working);
                return Use(task, task.Buffer!.Memory[..(int)task.Needed]);
            case Working when task.Cdb.Opcode == ScsiOpcode.Unmap:
                return task.Request.Status == StoreStatus.Done ? UnmapNext(task) : StoreFailed(task);
            default:
                return ContinueSingle(task);
        }
    }

    private Step Use(ScsiTask task, Memory<byte> data)
    {
        var cdb = task.Cdb;
        switch (cdb.Opcode)
        {
            case ScsiOpcode.Unmap:
                return CheckUnmapList(task, data.Span) is { } bad ? Check(task, bad) : UnmapNext(task);
            case ScsiOpcode.ModeSelect6:
                return ApplyModes(task, data.Span, ten: false) is { } wrong6 ? Check(task, wrong6) : Step.End;
            case ScsiOpcode.ModeSelect10:
                return ApplyModes(task, data.Span, ten: true) is { } wrong10 ? Check(task, wrong10) : Step.End;
            case ScsiOpcode.CompareAndWrite:
                return Ask(task, StoreOperation.CompareAndWrite, cdb.Lba, cdb.Blocks, data, !writeCache || (cdb.Flags & BlockFlags.Fua) != 0);
            case ScsiOpcode.WriteSame10 or ScsiOpcode.WriteSame16:
                return cdb.IsUnmap && data.Span.IndexOfAnyExcept((byte)0) < 0 // only zeros can be had by unmapping: LBPRZ is set
                    ? Ask(task, StoreOperation.Discard, cdb.Lba, (long)SameBlocks(cdb), default)
                    : Ask(task, StoreOperation.WriteSame, cdb.Lba, (long)SameBlocks(cdb), data, !writeCache);
            default: // VERIFY with BYTCHK 3
                return AskRepeated(task, data);
        }
    }

    private Step AskRepeated(ScsiTask task, Memory<byte> block)
    {
        var request = task.Request;
        (request.Operation, request.Lba, request.Blocks, request.Data) = (StoreOperation.Compare, task.Cdb.Lba, task.Cdb.Blocks, block);
        (request.IsForced, request.IsRepeated) = (false, true);
        task.Enter(TaskState.Store);
        store.Submit(request);
        return Step.Wait;
    }

    // ---- COMPARE AND WRITE, SBC-3 §5.2 ----

    private Step BeginCompareAndWrite(ScsiTask task)
    {
        var cdb = task.Cdb;
        if (!InRange(cdb.Lba, cdb.Blocks)) return Check(task, Sense.LbaOutOfRange);
        if (cdb.Blocks > MaxCompareAndWrite) return Check(task, Sense.InvalidCdb(13));
        if (WriteProtection(task) is { } locked) return Check(task, locked);
        return cdb.Blocks == 0 ? Step.End : BeginParameters(task, 2 * (int)cdb.Blocks * BlockLength, Sense.InvalidCdb(13), isExact: true);
    }

    // ---- WRITE SAME, SBC-3 §5.51, §5.52 ----

    private Step BeginWriteSame(ScsiTask task)
    {
        var cdb = task.Cdb;
        if (cdb.IsAnchor) return Check(task, Sense.InvalidCdb(1, 4)); // ANC_SUP is 0
        if (cdb.IsUnmap && !store.IsThin) return Check(task, Sense.InvalidCdb(1, 3)); // LBPWS, LBPWS10 are 0
        if (!InRange(cdb.Lba, cdb.Blocks)) return Check(task, Sense.LbaOutOfRange);
        if (cdb.Blocks == 0 && Options.RefusesWriteSameToEnd || SameBlocks(cdb) > Options.MaxWriteSame)
            return Check(task, Sense.InvalidCdb(cdb.Info!.Count.Offset));
        if (WriteProtection(task) is { } locked) return Check(task, locked);
        if (!cdb.IsNoDataOut) return BeginParameters(task, BlockLength, Sense.InvalidCdb(cdb.Info!.Count.Offset), isExact: true);
        task.Work = Work.Single;
        return cdb.IsUnmap
            ? Ask(task, StoreOperation.Discard, cdb.Lba, (long)SameBlocks(cdb), default)
            : Ask(task, StoreOperation.WriteSame, cdb.Lba, (long)SameBlocks(cdb), zeroBlock, !writeCache);
    }

    /// <summary>A count of 0 reaches to the end of the medium.</summary>
    private ulong SameBlocks(Cdb cdb) => cdb.Blocks == 0 ? store.Blocks - cdb.Lba : cdb.Blocks;

    // ---- UNMAP, SBC-3 §5.28 ----

    private Step BeginUnmap(ScsiTask task)
    {
        var cdb = task.Cdb;
        if (cdb.IsAnchor) return Check(task, Sense.InvalidCdb(1, 0));
        if (WriteProtection(task) is { } locked) return Check(task, locked);
        if (cdb.ByteCount == 0) return Step.End;
        return cdb.ByteCount < UnmapList.HeaderLength
            ? Check(task, Sense.ParameterListLength)
            : BeginParameters(task, (int)cdb.ByteCount, Sense.ParameterListLength);
    }

    /// <summary>All descriptors are looked at before any is carried out.</summary>
    private Sense? CheckUnmapList(ScsiTask task, ReadOnlySpan<byte> list)
    {
        UnmapList.TryRead(list, out var count);
        if (count > Options.MaxUnmapDescriptors) return Sense.InvalidParameter(2);
        ulong total = 0;
        for (var i = 0; i < count; i++)
        {
            var range = UnmapList.Entry(list, i);
            if (!InRange(range.Lba, range.Blocks)) return Sense.LbaOutOfRange;
            total += range.Blocks;
            if (total > Options.MaxUnmapBlocks) return Sense.InvalidParameter(UnmapList.LengthFor(i) + 8);
        }
        task.Remaining = count;
        return null;
    }

    private Step UnmapNext(ScsiTask task)
    {
        while (task.Index < task.Remaining)
        {
            var range = UnmapList.Entry(task.Buffer!.Memory.Span[..(int)task.Needed], task.Index++);
            if (range.Blocks > 0) return Ask(task, StoreOperation.Discard, range.Lba, range.Blocks, default);
        }
        return Step.End;
    }
}
