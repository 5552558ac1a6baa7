using Weft.Fabric.Hw;
using Weft.Fabric.Hw.Linux;
using Weft.Fabric.Verbs;
using Weft.Scenarios.Bench;

namespace Weft.Scenarios.Tests.Bench;

/// <summary>The bench of a real link, over a veth pair of the kernel's.</summary>
public class LinkBenchTests
{
    private const int FrameLength = 4154;

    [VethFact]
    public void The_engine_writes_over_a_veth_pair_and_allocates_nothing()
    {
        using var links = VethPair.Create(4200);
        var stretch = Stretch.Counted(operations: 200, warmUp: 200);
        var rig = new LinkRig(links, 64 * 1024, PathMtu.Mtu4096);
        rig.Run(stretch);
        Assert.Equal(200, stretch.Operations);
        Assert.InRange(links.B.Received, 400 * 16, long.MaxValue);
        Assert.Equal(0, stretch.AllocatedBytes);
    }

    [VethFact]
    public void The_plain_loop_carries_frames_and_its_window_loses_none()
    {
        using var links = VethPair.Create(4200);
        var arrived = 0;
        new PlainLoop(links.A, links.B, FrameLength, window: 256, answerEvery: 16).Run(more => (arrived += more) < 10_000);
        Assert.InRange(arrived, 10_000, 10_256);
    }

    /// <summary>Each pair is in a namespace of its own: the names are the same, and the host sees neither.</summary>
    [VethFact]
    public void Pairs_do_not_meet()
    {
        using var first = VethPair.Create(1500);
        using var second = VethPair.Create(4200);
        Assert.Equal((1500, 4200), (first.A.Mtu, second.B.Mtu));
        Assert.Throws<LinkException>(() => PacketSocketLink.Open(first.A.Name));
    }

    private sealed class VethFactAttribute : FactAttribute
    {
        public VethFactAttribute()
        {
            try
            {
                VethPair.Create(1500).Dispose();
            }
            catch (LinkException e)
            {
                Skip = e.Message;
            }
        }
    }
}
