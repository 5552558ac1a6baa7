using Weft.Initiator.Commands;

namespace Weft.Initiator;

/// <summary>
/// A logical unit of a session, as a block device: awaitable operations that throw <see cref="ScsiException"/> when the target does not answer
/// GOOD, and <see cref="ExecuteAsync"/> and <see cref="Submit"/> for everything else. Block operations are sent again up to
/// <see cref="Retries"/> times after a lost connection, a timeout, a reset, BUSY and UNIT ATTENTION, as Linux does.
/// </summary>
public sealed class Disk
{
    private readonly InitiatorSession session;
    private uint blockLength;

    internal Disk(InitiatorSession session, Lun lun) => (this.session, Lun) = (session, lun);

    public Lun Lun { get; }
    public InitiatorSession Session => session;
    /// <summary>How often a block operation may be sent again.</summary>
    public int Retries { get; set; } = 5;
    /// <summary>Timer of each command; zero for the session's.</summary>
    public Duration Timeout { get; set; }
    /// <summary>Bytes of a logical block; 0 before <see cref="ReadCapacityAsync"/>, which the first block operation asks for by itself.</summary>
    public int BlockLength => (int)blockLength;

    /// <summary>Starts a command of this logical unit without allocation: its <see cref="DiskCommand.Completed"/> tells the end.</summary>
    public void Submit(DiskCommand command)
    {
        command.Lun = Lun;
        session.Submit(command);
    }

    /// <summary>Passes a CDB through: status, sense and residual are the answer, nothing is thrown and nothing repeated.</summary>
    /// <param name="data">Where data goes to or comes from, as the CDB says; <paramref name="direction"/> overrides.</param>
    public ValueTask<CommandResult> ExecuteAsync(Cdb cdb, Memory<byte> data = default, DataDirection? direction = null, Duration timeout = default) =>
        session.ExecuteAsync(Lun, cdb, data, direction, timeout == default ? Timeout : timeout);

    /// <summary>Reads whole blocks; more than one command can carry is read in several, one after another.</summary>
    public async ValueTask ReadAsync(ulong lba, Memory<byte> data, BlockFlags flags = BlockFlags.None)
    {
        var perCommand = await BlocksPerCommandAsync(data.Length);
        for (; !data.IsEmpty; lba += (ulong)perCommand)
        {
            var part = data[..Math.Min(data.Length, perCommand * BlockLength)];
            await RunAsync("READ", Cdb.Read(lba, (uint)(part.Length / BlockLength), flags), part, mustBeWhole: true);
            data = data[part.Length..];
        }
    }

    /// <summary>Writes whole blocks, like <see cref="ReadAsync"/>. The memory is only read.</summary>
    public async ValueTask WriteAsync(ulong lba, Memory<byte> data, BlockFlags flags = BlockFlags.None)
    {
        var perCommand = await BlocksPerCommandAsync(data.Length);
        for (; !data.IsEmpty; lba += (ulong)perCommand)
        {
            var part = data[..Math.Min(data.Length, perCommand * BlockLength)];
            await RunAsync("WRITE", Cdb.Write(lba, (uint)(part.Length / BlockLength), flags), part, mustBeWhole: true);
            data = data[part.Length..];
        }
    }

    /// <summary>Makes what was written durable: SYNCHRONIZE CACHE of everything.</summary>
    public ValueTask FlushAsync() => RunAsync("SYNCHRONIZE CACHE", Cdb.SynchronizeCache10());

    public ValueTask UnmapAsync(ulong lba, uint blocks) => UnmapAsync([new(lba, blocks)]);

    public ValueTask UnmapAsync(params UnmapDescriptor[] ranges)
    {
        var list = new byte[UnmapList.LengthFor(ranges.Length)];
        UnmapList.Write(list, ranges);
        return RunAsync("UNMAP", Cdb.Unmap((ushort)list.Length), list);
    }

    /// <summary>Writes one block's content to many blocks.</summary>
    public async ValueTask WriteSameAsync(ulong lba, uint blocks, Memory<byte> block, bool unmap = false)
    {
        await BlocksPerCommandAsync(block.Length);
        if (block.Length != BlockLength) throw new ArgumentException($"one block has {BlockLength} bytes", nameof(block));
        await RunAsync("WRITE SAME", Cdb.WriteSame16(lba, blocks, unmap), block);
    }

    /// <summary>Compares blocks with the first half of the data and, if they are equal, writes the second half, as one step.</summary>
    /// <returns>-1 when it was written; otherwise the offset of the first byte that differs, or 0 if the target did not say.</returns>
    public async ValueTask<int> CompareAndWriteAsync(ulong lba, Memory<byte> compareThenWrite)
    {
        await BlocksPerCommandAsync(compareThenWrite.Length);
        var blocks = compareThenWrite.Length / 2 / BlockLength;
        if (blocks is 0 or > 255 || compareThenWrite.Length != blocks * 2 * BlockLength)
            throw new ArgumentException("needs 1..255 blocks to compare and as many to write", nameof(compareThenWrite));
        // Not sent again after a lost connection: if it was done, doing it again would miscompare.
        var result = await RunOnceAsync(Cdb.CompareAndWrite(lba, (byte)blocks), compareThenWrite, retries: 0);
        if (result.IsGood) return -1;
        if (result.TryGetSense(out var sense) && sense.Key == SenseKey.Miscompare) return (int)(sense.Information ?? 0);
        throw new ScsiException("COMPARE AND WRITE", result);
    }

    /// <summary>Lets the target check that blocks can be read.</summary>
    public ValueTask VerifyAsync(ulong lba, uint blocks) => RunAsync("VERIFY", Cdb.Verify16(lba, blocks));

    /// <summary>Lets the target compare blocks with data.</summary>
    /// <returns>-1 when they are equal; otherwise the offset of the first byte that differs, or 0 if the target did not say.</returns>
    public async ValueTask<int> VerifyAsync(ulong lba, Memory<byte> data)
    {
        await BlocksPerCommandAsync(data.Length);
        var result = await RunOnceAsync(Cdb.Verify16(lba, (uint)(data.Length / BlockLength), byteCheck: 1), data, Retries);
        if (result.IsGood) return -1;
        if (result.TryGetSense(out var sense) && sense.Key == SenseKey.Miscompare) return (int)(sense.Information ?? 0);
        throw new ScsiException("VERIFY", result);
    }

    public ValueTask TestUnitReadyAsync() => RunAsync("TEST UNIT READY", Cdb.TestUnitReady());

    public async ValueTask<InquiryData> InquiryAsync()
    {
        var data = new byte[InquiryData.Length];
        await RunAsync("INQUIRY", Cdb.Inquiry((ushort)data.Length), data);
        return InquiryData.TryRead(data, out var inquiry) ? inquiry : throw new InvalidDataException("INQUIRY data too short");
    }

    /// <summary>A vital product data page, header included, cut to its length.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> InquiryPageAsync(byte page, ushort allocation = 252)
    {
        var data = new byte[allocation];
        await RunAsync("INQUIRY", Cdb.InquiryVpd(page, allocation), data);
        return VpdPage.TryRead(data, out var header) ? data.AsMemory(0, Math.Min(data.Length, VpdPage.Length + header.PageLength)) : data;
    }

    /// <summary>Size of the medium: READ CAPACITY(16), and where that is not known READ CAPACITY(10).</summary>
    public async ValueTask<ReadCapacity16Data> ReadCapacityAsync()
    {
        var data = new byte[ReadCapacity16Data.Length];
        var result = await RunOnceAsync(Cdb.ReadCapacity16(), data, Retries);
        if (result.IsGood && ReadCapacity16Data.TryRead(data, out var capacity))
        {
            blockLength = capacity.BlockLength;
            return capacity;
        }
        if (!result.TryGetSense(out var sense) || sense.Key != SenseKey.IllegalRequest) throw new ScsiException("READ CAPACITY(16)", result);
        await RunAsync("READ CAPACITY(10)", Cdb.ReadCapacity10(), data.AsMemory(0, ReadCapacity10Data.Length));
        ReadCapacity10Data.TryRead(data, out var small);
        blockLength = small.BlockLength;
        return new(small.LastLba, small.BlockLength);
    }

    /// <summary>Ends a command of this unit; see <see cref="InitiatorSession.AbortAsync"/>.</summary>
    public ValueTask<TaskManagementOutcome> AbortAsync(DiskCommand command) => session.AbortAsync(command);

    public ValueTask<TaskManagementOutcome> ResetAsync() => session.ResetLunAsync(Lun);

    private async ValueTask<int> BlocksPerCommandAsync(int length)
    {
        if (blockLength == 0) await ReadCapacityAsync();
        if (blockLength == 0) throw new InvalidDataException("the target reports blocks of no length");
        if (length % BlockLength != 0) throw new ArgumentException($"{length} bytes are not whole blocks of {blockLength}", nameof(length));
        return Math.Max(1, session.MaxDataLength / BlockLength);
    }

    private async ValueTask RunAsync(string name, Cdb cdb, Memory<byte> data = default, bool mustBeWhole = false)
    {
        var result = await RunOnceAsync(cdb, data, Retries);
        if (!result.IsGood || mustBeWhole && result.Residual > 0) throw new ScsiException(name, result);
    }

    private async ValueTask<CommandResult> RunOnceAsync(Cdb cdb, Memory<byte> data, int retries)
    {
        var command = session.RentCommand();
        try
        {
            command.SetCdb(cdb);
            (command.Lun, command.Data, command.Retries, command.Timeout) = (Lun, data, retries, Timeout);
            if (data.IsEmpty) command.Direction = DataDirection.None;
            await session.RunAsync(command);
            return command.ToResult();
        }
        finally
        {
            session.ReturnCommand(command);
        }
    }
}
