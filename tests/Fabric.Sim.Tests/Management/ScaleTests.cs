using System.Globalization;
using Weft.Fabric.Sim.Management;
using Weft.Fabric.Sim.Management.Checks;
using Weft.Fabric.Sim.Management.Routing;

namespace Weft.Fabric.Sim.Tests.Management;

/// <summary>
/// A large subnet: 432 hosts by default; WEFT_SUBNET_K=18 is the largest fat tree of 36-port switches, 11,664 hosts and 1,620 switches.
/// </summary>
public sealed class ScaleTests(Xunit.Abstractions.ITestOutputHelper output)
{
    private static readonly int K = int.TryParse(Environment.GetEnvironmentVariable("WEFT_SUBNET_K"), NumberStyles.None, CultureInfo.InvariantCulture, out var k) ? k : 6;

    [Fact]
    public void A_large_fat_tree_comes_up_and_all_pairs_are_connected()
    {
        var managed = new Managed(Managed.FatTree(K));
        var manager = managed.Manager("h0");
        var (clock, processor) = (System.Diagnostics.Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        managed.Run(w => Managed.Up(w, manager));
        output.WriteLine($"{manager.LastSweep}: {clock.Elapsed.TotalSeconds:0.00} s, {(Environment.CpuUsage.TotalTime - processor).TotalSeconds:0.00} s of processor");
        output.WriteLine($"largest working set {System.Diagnostics.Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB");
        Assert.True(manager.LastSweep!.IsComplete);
        Assert.Equal(0, manager.LastSweep.Unanswered);
        clock.Restart();
        var reach = Reachability.Measure(managed.Subnet);
        Assert.Null(reach.FindCutOff());
        Assert.Equal((long)reach.Ports.Count * reach.Ports.Count, reach.TalkingPairs);
        Assert.Null(DeadlockCheck.FindCycle(manager.Routes!));
        output.WriteLine($"{reach.TalkingPairs} pairs checked in {clock.Elapsed.TotalSeconds:0.00} s");
    }
}
