using Weft.Fabric.Sim.Links;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Ib;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Tests.InfiniBand;

/// <summary>Virtual lanes: credits, arbitration, and that none of it costs what it need not.</summary>
public sealed class LaneTests
{
    [Fact]
    public void Weights_divide_the_low_table()
    {
        var arbiter = new LaneArbiter([], [new(0, 6), new(1, 2)], 0);
        Assert.Equal("00000011000000110000001100000011", Draw(arbiter, 32, ready: 0b11));
        Assert.Equal("1111", Draw(arbiter, 4, ready: 0b10));
    }

    [Fact]
    public void The_high_table_goes_first_up_to_its_limit()
    {
        // A limit of 1 is 4096 bytes: 64 blocks; each packet has 16.
        var arbiter = new LaneArbiter([new(3, 255)], [new(0, 255)], 1);
        Assert.Equal("33330333303333033330", Draw(arbiter, 20, ready: 0b1001, blocks: 16));
        Assert.Equal("3333333333", Draw(new([new(3, 255)], [new(0, 255)], 255), 10, ready: 0b1001, blocks: 16));
        Assert.Equal("30303030", Draw(new([new(3, 255)], [new(0, 255)], 0), 8, ready: 0b1001, blocks: 16));
        Assert.Equal(-1, new LaneArbiter([new(3, 255)], [], 0).Next(0b1, new int[15]));
    }

    private static string Draw(LaneArbiter arbiter, int count, int ready, int blocks = 1)
    {
        var lengths = new int[15];
        Array.Fill(lengths, blocks);
        return string.Concat(Enumerable.Range(0, count).Select(_ => arbiter.Next(ready, lengths)));
    }

    [Fact]
    public void Credits_come_back_at_their_moments_and_never_more_than_were_taken()
    {
        var lane = new CreditLane(10);
        Assert.True(lane.TryTake(6, 0, out var at) && at == 0);
        Assert.False(lane.TryTake(6, 0, out _));
        lane.Add(500, 2);
        lane.Add(300, 4);
        Assert.True(lane.IsKnown(10, 0, out at) && at == 500);
        Assert.True(lane.TryTake(8, 100, out at));
        Assert.Equal(300, at);
        lane.Add(900, 100); // eight are out
        Assert.True(lane.TryTake(10, 1000, out at));
        Assert.False(lane.IsKnown(1, 2000, out _));
    }

    [Fact]
    public void A_lane_that_waits_for_credits_holds_up_no_other()
    {
        // Both flows cross the trunk; behind it the first goes on over a cable of a hundredth of the bandwidth, and fills what buffers it may.
        var (shared, apart) = (FastFlow(slowLevel: 0), FastFlow(slowLevel: 1));
        Assert.True(apart * 10 < shared, $"{apart} against {shared}");

        static Duration FastFlow(byte slowLevel)
        {
            LinkOptions fast = new() { BitsPerSecond = 100_000_000_000, LaneBytes = 16 << 10 };
            var rig = new SwitchedFabric(4, 2, fast, fast, secondHost: fast with { BitsPerSecond = 1_000_000_000 });
            var (a, b) = (rig.Hosts[0], rig.Hosts[2]);
            Join(a, rig.Hosts[1], slowLevel);
            Join(b, rig.Hosts[3], 0);
            for (var i = 0; i < 10; i++) a.Post(WorkOpcode.RdmaWrite, 60_000, rig.Hosts[1]);
            var done = Duration.Zero;
            rig.World.Run(async w =>
            {
                await w.Delay(Duration.FromMicroseconds(100)); // the slow flow fills its buffers
                b.Post(WorkOpcode.RdmaWrite, 200_000, rig.Hosts[3]);
                var start = w.Now;
                await w.Until(() => b.Poll().Count > 0, "the fast flow to end");
                done = w.Now - start;
                await w.Idle();
            });
            Assert.Equal(10, a.Poll().Count(c => c.Status == CompletionStatus.Success));
            Assert.Equal(0, rig.World.Statistics.FramesDropped);
            return done;
        }
    }

    [Fact]
    public void Lanes_share_a_wire_as_their_weights_say()
    {
        var rig = new SwitchedFabric(4, 2, new() { BitsPerSecond = 100_000_000_000 }, new() { BitsPerSecond = 10_000_000_000 }, configure: subnet =>
        {
            Span<byte> table = stackalloc byte[64];
            SmpTables.SetArbitration(table, 0, 0, 192);
            SmpTables.SetArbitration(table, 1, 1, 64);
            subnet.Find("s1")![8].SetArbitration(1, table);
        });
        var (a, b) = (rig.Hosts[0], rig.Hosts[2]);
        Join(a, rig.Hosts[1], 0);
        Join(b, rig.Hosts[3], 1);
        var bytes = new long[2];
        rig.World.Observer = new TrunkWatch(rig.Trunk!.A, bytes);
        for (var i = 0; i < 40; i++)
        {
            a.Post(WorkOpcode.RdmaWrite, 60_000, rig.Hosts[1]);
            b.Post(WorkOpcode.RdmaWrite, 60_000, rig.Hosts[3]);
        }
        rig.World.Run(async w => await w.Delay(Duration.FromMilliseconds(1)));
        Assert.InRange((double)bytes[0] / bytes[1], 2.7, 3.3);
    }

    [Fact]
    public void Credits_cost_no_event_where_none_waits()
    {
        var (plain, credited) = (Events(new() { LaneBytes = 1 << 20 }), Events(new() { LaneBytes = 8 << 10 }));
        Assert.Equal(plain, credited);

        static long Events(LinkOptions options)
        {
            var world = new World();
            var link = world.Connect(world.AddHost("a"), world.AddHost("b"), options with { Type = LinkType.InfiniBand });
            var (a, b) = (new VerbsHost(link.A, 1), new VerbsHost(link.B, 2));
            Join(a, b, 0);
            for (var i = 0; i < 20; i++) a.Post(WorkOpcode.RdmaWrite, 60_000, b);
            Assert.True(world.RunUntilIdle().HasPassed);
            Assert.Equal(20, a.Poll().Count);
            return world.Statistics.Events;
        }
    }

    private static void Join(VerbsHost a, VerbsHost b, byte serviceLevel)
    {
        a.Create(QpType.ReliableConnected);
        b.Create(QpType.ReliableConnected);
        a.Connect(b, serviceLevel: serviceLevel);
        b.Connect(a, serviceLevel: serviceLevel);
    }

    private sealed class TrunkWatch(LinkPort port, long[] bytes) : IWorldObserver
    {
        public void OnFrameSent(LinkPort from, Frame frame, Instant at)
        {
            if (from == port && IbFrame.LaneOf(frame.Span) < 2) bytes[IbFrame.LaneOf(frame.Span)] += frame.Length;
        }
    }
}
