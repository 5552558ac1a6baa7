using System.Runtime.CompilerServices;
using Weft.Fabric.Connections;
using Weft.Fabric.Sim.Nodes;
using Weft.Fabric.Sim.Subnet.Umad;
using Weft.Fabric.Sim.Tests.InfiniBand;
using Weft.Fabric.Verbs;
using PortState = Weft.Protocol.Mad.Smp.PortState;

namespace Weft.Fabric.Sim.Tests.Subnet;

/// <summary>What the real OpenSM has written into a subnet takes effect on the packets of a world. Its session was recorded: no program is needed.</summary>
public class RecordedManagerTests
{
    private static SessionReplay Replay([CallerFilePath] string here = "")
    {
        var replay = SessionReplay.Run(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "data", "subnet", "opensm-partitions.rec")));
        Assert.Null(replay.Problem);
        return replay;
    }

    [Fact]
    public void The_session_plays_again_byte_for_byte()
    {
        var replay = Replay();
        Assert.Equal((130, 130), (replay.Inputs, replay.Outputs));
        Assert.All(replay.Subnet!.Nodes.SelectMany(n => n.Ports.ToArray()).Where(p => p?.Peer is not null), p => Assert.Equal(PortState.Active, p!.State));
    }

    /// <summary>Default: host 1 full, the others limited. Red, at index 1: hosts 1 and 2 full, 3 and 4 limited.</summary>
    [Theory]
    [InlineData(1, 2, 1, true)]
    [InlineData(2, 3, 1, true)]
    [InlineData(3, 4, 1, false)]
    [InlineData(1, 3, 0, true)]
    [InlineData(2, 3, 0, false)]
    public void OpenSMs_partitions_decide_who_reaches_whom(int from, int to, ushort pkeyIndex, bool arrives)
    {
        var world = new World();
        var fabric = new IbFabric(world, Replay().Subnet);
        fabric.Build();
        var paths = new PathTable();
        var hosts = fabric.Adapters.Select(adapter => new VerbsHost(adapter, paths)).ToArray();
        var (a, b) = (hosts[from - 1], hosts[to - 1]);
        a.Create(QpType.ReliableConnected);
        b.Create(QpType.ReliableConnected);
        a.Connect(b, retries: 1, pkeyIndex: pkeyIndex);
        b.Connect(a, retries: 1, pkeyIndex: pkeyIndex);
        a.Post(WorkOpcode.RdmaWrite, 5000, b);
        Assert.True(world.RunUntilIdle().HasPassed);
        Assert.Equal(arrives ? CompletionStatus.Success : CompletionStatus.RetryExceeded, Assert.Single(a.Poll()).Status);
        Assert.Equal(arrives, a.Memory.AsSpan(0, 5000).SequenceEqual(b.Memory.AsSpan(0x8_0000, 5000)));
    }
}
