using Weft.Fabric.Verbs;
using Weft.Scenarios.Bench;

namespace Weft.Scenarios.Tests.Bench;

/// <summary>In steady state the whole stack allocates nothing: neither for a packet nor for a command, with one initiator or with several.</summary>
public class AllocationTests
{
    [Theory]
    [InlineData(WorkOpcode.RdmaWrite, 1024, PathMtu.Mtu1024)]
    [InlineData(WorkOpcode.RdmaWrite, 10_000, PathMtu.Mtu4096)]
    [InlineData(WorkOpcode.Send, 64, PathMtu.Mtu1024)]
    public void Packets_allocate_nothing(WorkOpcode opcode, int length, PathMtu mtu)
    {
        var rig = new PacketRig(opcode, length, mtu);
        var stretch = Stretch.Counted(operations: 2000, warmUp: 1000, () => rig.Packets);
        rig.Run(stretch);
        Assert.Equal(2000, stretch.Operations);
        Assert.InRange(stretch.Counter, 2000, long.MaxValue);
        Assert.Equal(0, stretch.AllocatedBytes);
    }

    [Theory]
    [InlineData(1, 32, 4096, false)]
    [InlineData(1, 32, 4096, true)]
    [InlineData(1, 4, 262_144, false)]
    [InlineData(1, 4, 262_144, true)]
    [InlineData(20, 2, 4096, false)]
    [InlineData(20, 2, 4096, true)]
    public void Commands_allocate_nothing(int initiators, int depth, int length, bool isWrite)
    {
        var stretch = Stretch.Counted(operations: 1500, warmUp: 1500);
        new CommandLoad(initiators, depth, length, isWrite, stretch).Run();
        Assert.Equal(1500, stretch.Operations);
        Assert.Equal(0, stretch.AllocatedBytes);
    }

    [Fact]
    public void A_stretch_sees_what_is_allocated()
    {
        var stretch = Stretch.Counted(operations: 10, warmUp: 1);
        var kept = new List<byte[]>();
        while (stretch.Done()) kept.Add(new byte[100]);
        Assert.InRange(stretch.AllocatedBytes, 9 * 100, 20 * 200);
        Assert.Equal(10, stretch.Operations);
    }
}
