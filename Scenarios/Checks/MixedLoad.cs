using Weft.Fabric.Execution;
using Weft.Initiator;
using Weft.Initiator.Commands;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Checks;

/// <summary>
/// Reads, writes, unmaps, write-sames and compare-and-writes of 512 bytes to 256 KiB at random places, many at a time, each answer checked
/// against the shadow.
/// </summary>
internal sealed class MixedLoad(ScenarioWorld world, CommandLedger ledger, ShadowDisk shadow, Disk disk)
{
    private const string Spec = "SBC-3 4.2";
    private const int MostBlocks = 512;
    private const int MostCompared = 8;
    private static readonly ChoicePoint Draws = new(ChoiceKind.Value, "load");
    private int left, running;

    /// <summary>How often a command may be sent again when its connection is lost.</summary>
    public int Retries { get; init; }
    /// <summary>Whether the scenario cuts the connection or resets the unit, so that a command may end without an answer: then its blocks may hold the one or the other.</summary>
    public bool MayBeCutOff { get; init; }
    /// <summary>How a command gets to the unit, if not straight through the disk: CDB, data, and how often it may be sent again.</summary>
    public Func<Cdb, Memory<byte>, int, Task<CommandLedger.Entry>>? Via { get; init; }
    /// <summary>Commands that ended without an answer.</summary>
    public int CutOff { get; private set; }
    public int Miscompared { get; private set; }

    /// <summary>Runs so many commands, at most so many at a time.</summary>
    public async Task RunAsync(int commands, int depth)
    {
        left = commands;
        running = depth;
        for (var i = 0; i < depth; i++) world.Watch(WorkAsync());
        await world.Until(() => running == 0, "the load to end");
    }

    /// <summary>Reads the whole disk and compares it.</summary>
    public async Task VerifyAsync()
    {
        for (var lba = 0; lba < shadow.Blocks; lba += MostBlocks)
            await ReadAsync(lba, Math.Min(MostBlocks, shadow.Blocks - lba));
    }

    private Task<CommandLedger.Entry> DoAsync(Cdb cdb, Memory<byte> data, int retries) => Via?.Invoke(cdb, data, retries) ?? ledger.RunAsync(disk, cdb, data, retries);

    private int Draw(int below) => (int)(world.Chooser.Draw(32, in Draws) % (uint)below);

    private async Task WorkAsync()
    {
        while (left > 0)
        {
            left--;
            var kind = Draw(20);
            var blocks = Math.Min(MostBlocks, 1 << Draw(10)); // as many small ones as large ones
            if (kind >= 18) blocks = Math.Min(blocks, MostCompared);
            var lba = Draw(shadow.Blocks - blocks + 1);
            if (!shadow.TryTake(lba, blocks, writes: kind >= 8))
            {
                left++;
                await world.Delay(Duration.FromMicroseconds(5));
                continue;
            }
            switch (kind)
            {
                case < 8:
                    await ReadAsync(lba, blocks);
                    break;
                case < 15:
                    var data = Pattern(blocks);
                    await ChangeAsync(lba, Cdb.Write((ulong)lba, (uint)blocks), data, data);
                    break;
                case < 17:
                    var block = Pattern(1);
                    var all = new byte[blocks * shadow.BlockLength];
                    for (var i = 0; i < blocks; i++) block.CopyTo(all, i * shadow.BlockLength);
                    await ChangeAsync(lba, Cdb.WriteSame16((ulong)lba, (uint)blocks), block, all);
                    break;
                case < 18:
                    var list = new byte[UnmapList.LengthFor(1)];
                    UnmapList.Write(list, [new((ulong)lba, (uint)blocks)]);
                    await ChangeAsync(lba, Cdb.Unmap((ushort)list.Length), list, new byte[blocks * shadow.BlockLength]);
                    break;
                default:
                    await SwapAsync(lba, blocks);
                    break;
            }
            shadow.Return(lba, blocks, writes: kind >= 8);
        }
        running--;
    }

    private byte[] Pattern(int blocks)
    {
        var data = new byte[blocks * shadow.BlockLength];
        var state = world.Chooser.Draw(32, in Draws) | 1UL << 32;
        for (var i = 0; i < data.Length; i += 8)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            BitConverter.TryWriteBytes(data.AsSpan(i), state);
        }
        return data;
    }

    private async Task ReadAsync(int lba, int blocks)
    {
        var data = new byte[blocks * shadow.BlockLength];
        var read = await DoAsync(Cdb.Read((ulong)lba, (uint)blocks), data, Retries);
        if (!IsAnswered(read)) return;
        world.Claim(read is { IsGood: true, Residual: 0 }, "read", Spec, $"a read of {blocks} blocks at {lba} is GOOD and whole, and was {read.Status}, residual {read.Residual}");
        var wrong = shadow.Check(lba, data);
        world.Claim(wrong < 0, "data", Spec, $"what was written is what is read, but block {wrong} holds something else (read of {blocks} blocks at {lba})");
    }

    private async Task ChangeAsync(int lba, Cdb cdb, byte[] data, byte[] result)
    {
        var write = await DoAsync(cdb, data, Retries);
        if (!IsAnswered(write))
        {
            shadow.MayHaveWritten(lba, result);
            return;
        }
        world.Claim(write.IsGood, "write", Spec, $"a command that changes {result.Length} bytes at block {lba} is GOOD, and was {write.Status}");
        shadow.Write(lba, result);
    }

    private async Task SwapAsync(int lba, int blocks)
    {
        if (shadow.IsDoubtful(lba, blocks)) await ReadAsync(lba, blocks); // then it is known what to compare with, unless this was cut off too
        if (shadow.IsDoubtful(lba, blocks)) return;
        var replacement = Pattern(blocks);
        var pair = new byte[2 * replacement.Length];
        shadow.Content(lba, blocks).CopyTo(pair);
        replacement.CopyTo(pair, replacement.Length);
        var differs = Draw(2) == 0;
        if (differs) pair[Draw(replacement.Length)] ^= 0x10;
        // Never sent again: if it was done, doing it again would miscompare.
        var swap = await DoAsync(Cdb.CompareAndWrite((ulong)lba, (byte)blocks), pair, retries: 0);
        if (!IsAnswered(swap))
        {
            if (!differs) shadow.MayHaveWritten(lba, replacement);
            return;
        }
        if (differs)
        {
            Miscompared++;
            var isRight = swap.Status == ScsiStatus.CheckCondition && Sense.TryRead(swap.Sense, out var sense) && sense.Key == SenseKey.Miscompare;
            world.Claim(isRight, "miscompare", "SBC-3 5.2", $"a compare of different data at block {lba} ends with MISCOMPARE, and ended with {swap.Status}");
            return;
        }
        world.Claim(swap.IsGood, "compare-and-write", "SBC-3 5.2", $"a compare of equal data at block {lba} is GOOD, and was {swap.Status}");
        shadow.Write(lba, replacement);
    }

    /// <summary>Whether the command has an answer; without one it must be a loss that the scenario reckons with.</summary>
    private bool IsAnswered(DiskCommand command)
    {
        if (command.Outcome == CommandOutcome.Completed && !NetworkConduct.HasUnitAttention(command)) return true;
        world.Claim((MayBeCutOff || world.Network.MayCutConnections) && command.Outcome is CommandOutcome.TransportDisrupted or CommandOutcome.TransportFailed or CommandOutcome.TimedOut or CommandOutcome.Reset or CommandOutcome.Completed, "answered", "SAM-5 5.1",
            $"{command} is answered, but ended with {command.Outcome}");
        CutOff++;
        return false;
    }
}
