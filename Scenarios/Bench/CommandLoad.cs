using Weft.Fabric.Execution;
using Weft.Initiator;
using Weft.Initiator.Commands;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Bench;

/// <summary>
/// Reads or writes of one size at one target, from one or many initiators, each with a number of commands under way: whole stack, on the
/// network of every scenario, without the wire checks, which belong to the exploration and not to the stack.
/// </summary>
internal sealed class CommandLoad(int initiators, int depth, int length, bool isWrite, Stretch stretch, bool overSrp = false) : Scenario
{
    private const int BlockLength = 512;
    private const ulong Blocks = 1 << 14; // 8 MiB: what is measured is the stack, not the misses of a large memory
    private Signal? drained;
    private int underWay;
    private ulong next;

    public override string Name => "load";
    public override string Claim => "Every command ends well.";
    public override string Source => "RFC 7145";

    /// <summary>Runs it from login to logout.</summary>
    public void Run()
    {
        var result = ScenarioRunner.Run(this, new RunRequest { Settings = Runner.Settings.TryCreate([], [], out _)!, ChecksWire = false });
        if (!result.HasPassed) throw new InvalidOperationException($"{result.Outcome}: {result.Rule} {result.Reason}");
    }

    public override async Task RunAsync(ScenarioWorld world)
    {
        var srp = overSrp ? SrpTargetNode.Add(world, new() { Blocks = Blocks, Target = new() { QueueDepth = 64 } }) : null;
        var iser = overSrp ? null : world.AddTarget(options: new() { Blocks = Blocks, BlockLength = BlockLength });
        iser?.Target.QueuedCommands = Math.Max(iser.Target.QueuedCommands, depth);
        var usual = new SessionOptions();
        var options = usual with { MaxCommands = Math.Max(usual.MaxCommands, depth) };
        var store = srp?.Stores[0] ?? iser!.Stores[0];
        var disks = new Disk[initiators];
        for (var i = 0; i < initiators; i++)
        {
            var host = world.AddInitiator($"initiator{i + 1}");
            var session = srp is null ? await host.LoginAsync(TargetNode.TargetName, iser!.Endpoint, options) : await host.LoginAsync(srp.Address());
            disks[i] = session.OpenDisk(0);
            await disks[i].TestUnitReadyAsync(); // takes the unit attention
        }
        var content = new byte[length];
        for (var i = 0; i < length; i++) content[i] = (byte)(i * 7);
        for (var lba = 0ul; lba < Blocks; lba += (ulong)(length / BlockLength)) store.Write(lba, content);
        var commands = new DiskCommand[initiators * depth];
        for (var i = 0; i < commands.Length; i++)
            commands[i] = new() { Data = content.ToArray(), Context = disks[i % initiators], Completed = OnCompleted };
        drained = world.World.NewSignal("the commands to end");
        foreach (var command in commands) Submit(command);
        await drained.Task;
    }

    private void OnCompleted(DiskCommand command)
    {
        if (!command.IsGood) throw new InvalidOperationException($"{command.Outcome} {command.Status}");
        underWay--;
        if (stretch.Done()) Submit(command);
        else if (underWay == 0) drained!.TrySet();
    }

    private void Submit(DiskCommand command)
    {
        underWay++;
        var blocks = (uint)(length / BlockLength);
        command.SetCdb(isWrite ? Cdb.Write(next, blocks) : Cdb.Read(next, blocks));
        // All over the disk, but in the same order in every run.
        next = (next + 37 * blocks) % Blocks;
        ((Disk)command.Context!).Submit(command);
    }
}
