using Weft.Protocol.Scsi;
using Weft.Target.Luns;

namespace Weft.Target.Commands;

// READ, WRITE, WRITE AND VERIFY, VERIFY, SYNCHRONIZE CACHE: blocks moved in pieces of the front end's buffer.
public partial class DiskUnit
{
    private const int Next = 0, Arrived = 1, Stored = 2, Verified = 3;

    /// <summary>Range first, as initiators test it with a count of 0 too; then the limit of VPD page B0h.</summary>
    private Sense? CheckRange(Cdb cdb)
    {
        if (!InRange(cdb.Lba, cdb.Blocks)) return Sense.LbaOutOfRange;
        return cdb.Blocks > Options.MaxTransfer ? Sense.InvalidCdb(cdb.Info!.Count.Offset) : null;
    }

    private Step BeginRead(ScsiTask task)
    {
        var cdb = task.Cdb;
        if (CheckRange(cdb) is { } bad) return Check(task, bad);
        (task.Work, task.Lba, task.Needed) = (Work.Read, cdb.Lba, (long)cdb.Blocks * BlockLength);
        task.Remaining = Math.Min(task.Needed, task.DataInLength);
        return task.Remaining == 0 ? Step.End : Step.Again;
    }

    private Step ContinueRead(ScsiTask task)
    {
        switch (task.Phase)
        {
            case Next:
                if (!TryTakeBuffer(task, WholeBlocks(task.Remaining))) return Step.Wait;
                var blocks = (int)Math.Min((task.Remaining + BlockLength - 1) / BlockLength, task.Buffer!.Length / BlockLength);
                task.Piece = (int)Math.Min(task.Remaining, (long)blocks * BlockLength); // the room may end inside a block
                task.Phase = Stored;
                return Ask(task, StoreOperation.Read, task.Lba, blocks, task.Buffer.Memory[..(blocks * BlockLength)]);
            case Stored:
                if (task.Request.Status != StoreStatus.Done) return StoreFailed(task);
                task.Phase = Arrived;
                return Send(task, task.Piece == task.Remaining);
            default:
                return Advance(task);
        }
    }

    private Step BeginWrite(ScsiTask task)
    {
        var cdb = task.Cdb;
        if (IsWriteAndVerify(cdb.Opcode) && cdb.ByteCheck > 1) return Check(task, Sense.InvalidCdb(1, 2));
        if (CheckRange(cdb) is { } bad) return Check(task, bad);
        if (WriteProtection(task) is { } locked) return Check(task, locked);
        (task.Work, task.Lba, task.Needed) = (Work.Write, cdb.Lba, (long)cdb.Blocks * BlockLength);
        task.Remaining = Math.Min(task.Needed, task.DataOutLength) / BlockLength * BlockLength; // only whole blocks can be written
        return task.Remaining == 0 ? Step.End : Step.Again;
    }

    private Step ContinueWrite(ScsiTask task)
    {
        switch (task.Phase)
        {
            case Next:
                return FetchPiece(task);
            case Arrived:
                task.Phase = Stored;
                var forced = !writeCache || (task.Cdb.Flags & BlockFlags.Fua) != 0 && !IsWriteAndVerify(task.Cdb.Opcode) && task.Cdb.Info!.Size > 6;
                return Ask(task, StoreOperation.Write, task.Lba, task.Piece / BlockLength, task.Buffer!.Memory[..task.Piece], forced);
            case Stored:
                if (task.Request.Status != StoreStatus.Done) return StoreFailed(task);
                if (!IsWriteAndVerify(task.Cdb.Opcode)) return Advance(task);
                task.Phase = Verified;
                return Ask(task, task.Cdb.ByteCheck == 0 ? StoreOperation.Verify : StoreOperation.Compare, task.Lba, task.Piece / BlockLength,
                    task.Buffer!.Memory[..task.Piece]);
            default:
                return CompareDone(task);
        }
    }

    private Step BeginVerify(ScsiTask task)
    {
        var cdb = task.Cdb;
        if (cdb.ByteCheck == 2) return Check(task, Sense.InvalidCdb(1, 2));
        if (CheckRange(cdb) is { } bad) return Check(task, bad);
        if (cdb.Blocks == 0) return Step.End;
        if (cdb.ByteCheck == 0) return Single(task, StoreOperation.Verify, cdb.Lba, cdb.Blocks);
        if (cdb.ByteCheck == 3) return BeginParameters(task, BlockLength, Sense.ParameterListLength, isExact: true);
        (task.Work, task.Lba, task.Needed) = (Work.Verify, cdb.Lba, (long)cdb.Blocks * BlockLength);
        task.Remaining = Math.Min(task.Needed, task.DataOutLength) / BlockLength * BlockLength;
        return task.Remaining == 0 ? Step.End : Step.Again;
    }

    private Step ContinueVerify(ScsiTask task)
    {
        switch (task.Phase)
        {
            case Next:
                return FetchPiece(task);
            case Arrived:
                task.Phase = Verified;
                return Ask(task, StoreOperation.Compare, task.Lba, task.Piece / BlockLength, task.Buffer!.Memory[..task.Piece]);
            default:
                return CompareDone(task);
        }
    }

    private Step BeginSynchronizeCache(ScsiTask task)
    {
        if (!InRange(task.Cdb.Lba, task.Cdb.Blocks)) return Check(task, Sense.LbaOutOfRange);
        if (!task.Cdb.IsImmediate) return Single(task, StoreOperation.Flush);
        backgroundFlush.Start();
        return Step.End;
    }

    private Step FetchPiece(ScsiTask task)
    {
        if (!TryTakeBuffer(task, WholeBlocks(task.Remaining))) return Step.Wait;
        task.Piece = (int)Math.Min(task.Remaining, task.Buffer!.Length / BlockLength * BlockLength);
        task.Phase = Arrived;
        return Fetch(task);
    }

    /// <summary>A comparison's offsets count from the start of the command's data. SBC-3 §5.2, §5.32.</summary>
    private Step CompareDone(ScsiTask task)
    {
        if (task.Request.Status == StoreStatus.Done) return Advance(task);
        if (task.Request.Status == StoreStatus.Miscompare) task.Request.Position += task.Offset;
        task.Offset += task.Piece; // these bytes did arrive
        return StoreFailed(task);
    }

    private Step Advance(ScsiTask task)
    {
        task.Offset += task.Piece;
        task.Remaining -= task.Piece;
        task.Lba += (ulong)(task.Piece / BlockLength);
        task.Phase = Next;
        return task.Remaining == 0 ? Step.End : Step.Again;
    }

    private int WholeBlocks(long bytes) => (int)Math.Min((bytes + BlockLength - 1) / BlockLength * BlockLength, 1 << 30);

    private static bool IsWriteAndVerify(ScsiOpcode opcode) =>
        opcode is ScsiOpcode.WriteAndVerify10 or ScsiOpcode.WriteAndVerify12 or ScsiOpcode.WriteAndVerify16;
}
