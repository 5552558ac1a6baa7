using System.Threading;
using Weft.Fabric.Execution;
using Weft.Initiator.Commands;
using Weft.Protocol.Scsi;
using DiskUnit = Weft.Initiator.Disk;

namespace Weft.Scenarios.Tools.Disk;

/// <summary>Keeps a number of reads or writes of one size under way for a while, and counts and times them. Nothing is allocated per command.</summary>
internal sealed class DiskBench
{
    private readonly DiskUnit disk;
    private readonly IExecutor executor;
    private readonly ulong blocks;
    private readonly uint perCommand;
    private readonly bool isRandom;
    private readonly int writePercent;
    private readonly Completion<bool> idle;
    private readonly Instant[] begun;
    private readonly DiskCommand[] commands;
    private CancellationToken cancel;
    private Instant end;
    private ulong next, state = 1;
    private int running;

    /// <param name="blocks">Blocks of the unit that are used, from 0 on.</param>
    /// <param name="perCommand">Blocks of one command.</param>
    /// <param name="writePercent">Share of writes, 0..100.</param>
    public DiskBench(DiskUnit disk, ulong blocks, uint perCommand, int depth, bool isRandom, int writePercent)
    {
        (this.disk, this.blocks, this.perCommand, this.isRandom, this.writePercent) = (disk, blocks, perCommand, isRandom, writePercent);
        executor = disk.Session.Host.Executor;
        idle = new(executor.CreateLane("bench", ChoiceKind.Dispatch), "bench");
        begun = new Instant[depth];
        commands = new DiskCommand[depth];
        for (var i = 0; i < depth; i++)
        {
            var data = new byte[(int)perCommand * disk.BlockLength];
            for (var j = 0; j < data.Length; j += 8) BitConverter.TryWriteBytes(data.AsSpan(j), Draw());
            commands[i] = new DiskCommand { Data = data, Context = i, Completed = OnCompleted };
        }
    }

    public LatencyHistogram Reads { get; } = new();
    public LatencyHistogram Writes { get; } = new();
    public Duration Elapsed { get; private set; }
    /// <summary>The first command that did not end with GOOD; it ends the run.</summary>
    public string? Failure { get; private set; }

    public async Task RunAsync(Duration duration, CancellationToken token)
    {
        cancel = token;
        var begin = executor.Now;
        end = begin + duration;
        running = commands.Length;
        foreach (var command in commands) Submit(command);
        await idle.Task;
        Elapsed = executor.Now - begin;
    }

    private void Submit(DiskCommand command)
    {
        var places = blocks / perCommand;
        var place = isRandom ? Draw() % places : next++ % places;
        var isWrite = writePercent > 0 && Draw() % 100 < (ulong)writePercent;
        command.SetCdb(isWrite ? Cdb.Write(place * perCommand, perCommand) : Cdb.Read(place * perCommand, perCommand));
        begun[(int)command.Context!] = executor.Now;
        disk.Submit(command);
    }

    private void OnCompleted(DiskCommand command)
    {
        if (command.IsGood) (command.Direction == DataDirection.Out ? Writes : Reads).Add(executor.Now - begun[(int)command.Context!]);
        else Failure ??= command.ToResult().ToString();
        if (Failure is null && executor.Now < end && !cancel.IsCancellationRequested) Submit(command);
        else if (--running == 0) idle.TrySetResult(true);
    }

    // splitmix64.
    private ulong Draw()
    {
        var z = state += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ z >> 30) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ z >> 27) * 0x94D0_49BB_1331_11EB;
        return z ^ z >> 31;
    }
}
