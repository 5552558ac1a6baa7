using Weft.Initiator;
using Weft.Initiator.Commands;
using Weft.Protocol.Nbd;
using Weft.Protocol.Scsi;
using DiskUnit = Weft.Initiator.Disk;

namespace Weft.Scenarios.Tools.Nbd;

/// <summary>A logical unit of a session as what an NBD server needs: each request becomes one or more SCSI commands.</summary>
internal sealed class NbdUnit : INbdDisk
{
    /// <summary>Commands of one request at a time; a 32 MiB read is at most so many commands of 512 KiB.</summary>
    private const int MaxParts = 8;
    /// <summary>Bytes of one UNMAP or WRITE SAME, where the target sets no limit.</summary>
    private const uint MaxRange = 64 << 20;
    private const int ZerosLength = 256 << 10;

    private readonly DiskUnit disk;
    private readonly NbdUnitTraits traits;
    private readonly Stack<NbdOperation> idle = new();
    private readonly Stack<NbdPart> idleParts = new();
    private readonly byte[] zeros;
    private readonly uint block, maxData, maxUnmap, maxWriteSame;
    private bool hasWriteSame = true;

    private NbdUnit(DiskUnit disk, NbdUnitTraits traits)
    {
        (this.disk, this.traits, block) = (disk, traits, (uint)disk.BlockLength);
        maxData = Limit(traits.Limits.MaxTransfer, (uint)disk.Session.MaxDataLength);
        maxUnmap = Limit(traits.Limits.MaxUnmapBlocks, MaxRange);
        maxWriteSame = Limit((uint)Math.Min(traits.Limits.MaxWriteSame, uint.MaxValue), MaxRange);
        zeros = new byte[Math.Max(block, Math.Min(ZerosLength, maxData))];
    }

    /// <summary>Asks the unit what it can do, and says how it is exported.</summary>
    /// <exception cref="InitiatorException">The unit does not answer.</exception>
    public static async ValueTask<(NbdExport Export, NbdUnit Unit)> OpenAsync(DiskUnit disk, ReadCapacity16Data capacity, string name, bool readOnly)
    {
        var traits = await NbdUnitTraits.AskAsync(disk);
        var inquiry = await disk.InquiryAsync();
        var flags = NbdTransmissionFlags.HasFlags | NbdTransmissionFlags.SendFlush | NbdTransmissionFlags.SendFua
            | NbdTransmissionFlags.SendWriteZeroes | NbdTransmissionFlags.CanMultiConn;
        if (traits.Provisioning.Unmap) flags |= NbdTransmissionFlags.SendTrim;
        if (readOnly || traits.IsReadOnly) flags |= NbdTransmissionFlags.ReadOnly;
        var physical = capacity.BlockLength << capacity.PhysicalExponent;
        var export = new NbdExport(name, $"{inquiry} LUN {disk.Lun} of {disk.Session.TargetName}",
            (capacity.LastLba + 1) * capacity.BlockLength, flags, capacity.BlockLength, Math.Max(4096, physical));
        return (export, new NbdUnit(disk, traits));
    }

    public void Start(NbdJob job)
    {
        if (!idle.TryPop(out var operation)) operation = new();
        var command = job.Request.Command;
        operation.Begin(job, needsFlush: command == NbdCommand.Flush || job.Request.IsFua && !CarriesFua(command));
        Pump(operation);
    }

    // SYNCHRONIZE CACHE stands in where the command itself cannot force its data to the medium. What is read from a cache is not made durable.
    private bool CarriesFua(NbdCommand command) => command == NbdCommand.Read || command == NbdCommand.Write && traits.HasFua;

    private void Pump(NbdOperation operation)
    {
        while (operation is { Error: NbdError.None, Left: > 0, Running: < MaxParts }) StartPart(operation);
        if (operation.Running > 0) return;
        if (operation is { Error: NbdError.None, NeedsFlush: true })
        {
            operation.NeedsFlush = false;
            Submit(operation, 0, Cdb.SynchronizeCache10());
            return;
        }
        var (job, error) = (operation.Job!, operation.Error);
        operation.Job = null;
        idle.Push(operation);
        job.Complete(error);
    }

    private void StartPart(NbdOperation operation)
    {
        var request = operation.Job!.Request;
        var (offset, lba) = (operation.Next, operation.Next / block);
        var flags = request.IsFua && traits.HasFua ? BlockFlags.Fua : BlockFlags.None;
        switch (request.Command)
        {
            case NbdCommand.Read or NbdCommand.Write:
                var length = Take(operation, maxData);
                var cdb = request.Command == NbdCommand.Read ? Cdb.Read(lba, length / block, flags) : Cdb.Write(lba, length / block, flags);
                Submit(operation, offset, cdb, operation.Job.Data.Slice((int)(offset - request.Offset), (int)length));
                break;
            case NbdCommand.Trim:
                length = Take(operation, maxUnmap);
                var part = Rent();
                UnmapList.Write(part.List, [new(lba, length / block)]);
                Submit(part, operation, offset, Cdb.Unmap((ushort)part.List.Length), part.List);
                break;
            default:
                length = Take(operation, hasWriteSame ? maxWriteSame : (uint)zeros.Length);
                StartZeros(operation, offset, length);
                break;
        }
    }

    private void StartZeros(NbdOperation operation, ulong offset, uint length)
    {
        var unmap = (operation.Job!.Request.Flags & NbdCommandFlags.NoHole) == 0 && traits.Provisioning is { WriteSame16: true, ReadsZeros: true };
        if (hasWriteSame) Submit(operation, offset, Cdb.WriteSame16(offset / block, length / block, unmap), zeros.AsMemory(0, (int)block));
        else Submit(operation, offset, Cdb.Write(offset / block, length / block), zeros.AsMemory(0, (int)length));
    }

    /// <summary>Moves the operation on by what one command carries.</summary>
    private static uint Take(NbdOperation operation, uint most)
    {
        var length = (uint)Math.Min(most, operation.Left);
        operation.Next += length;
        return length;
    }

    private NbdPart Rent() => idleParts.TryPop(out var part) ? part : new NbdPart { Completed = OnCompleted };

    private void Submit(NbdOperation operation, ulong offset, in Cdb cdb, Memory<byte> data = default) =>
        Submit(Rent(), operation, offset, cdb, data);

    private void Submit(NbdPart part, NbdOperation operation, ulong offset, in Cdb cdb, Memory<byte> data)
    {
        part.SetCdb(cdb);
        if (data.IsEmpty) part.Direction = DataDirection.None;
        (part.Operation, part.Offset, part.Data, part.Retries, part.Timeout) = (operation, offset, data, disk.Retries, disk.Timeout);
        operation.Running++;
        disk.Submit(part);
    }

    private void OnCompleted(DiskCommand command)
    {
        var part = (NbdPart)command;
        var operation = part.Operation!;
        operation.Running--;
        var error = NbdErrors.Of(part);
        (part.Operation, part.Data) = (null, default);
        idleParts.Push(part);
        if (error == NbdError.Enotsup && operation.Job!.Request.Command == NbdCommand.WriteZeroes && part.Cdb[0] == (byte)ScsiOpcode.WriteSame16)
        {
            // LIO's RAM disk is one of those without WRITE SAME: the same range again, by writing zeros.
            hasWriteSame = false;
            operation.Next = Math.Min(operation.Next, part.Offset);
        }
        else if (operation.Error == NbdError.None) operation.Error = error;
        Pump(operation);
    }

    /// <summary>Bytes of one command: the target's limit in blocks where it has one, ours, in whole blocks.</summary>
    private uint Limit(uint targetBlocks, uint ours)
    {
        var bytes = targetBlocks == 0 ? ours : (uint)Math.Min((ulong)targetBlocks * block, ours);
        return Math.Max(block, bytes / block * block);
    }
}
