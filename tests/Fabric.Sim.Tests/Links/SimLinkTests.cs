using Weft.Fabric.Sim.Links;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim.Tests.Links;

public sealed class SimLinkTests
{
    private static Duration Ns(long value) => Duration.FromNanoseconds(value);

    private static (World World, Inbox A, Inbox B, Tracer Tracer) Pair(LinkOptions options, WorldOptions? world = null)
    {
        var made = new World(world);
        var tracer = new Tracer();
        made.Observer = tracer;
        var link = made.Connect(made.AddHost("h1"), made.AddHost("h2"), options);
        return (made, new(link.A), new(link.B), tracer);
    }

    [Fact]
    public void A_frame_takes_its_time_on_the_wire_and_the_latency()
    {
        // 10 Gb/s: 0.8 ns a byte. 1000 bytes + preamble, check sequence and gap (24) = 819.2 ns; latency 100.
        var (world, a, b, _) = Pair(new() { BitsPerSecond = 10_000_000_000, Latency = Ns(100) });
        a.Send(1, 1000);
        a.Send(2, 1000);
        a.Send(3, 40); // as long as the shortest frame, 60 + 24 = 84 bytes: 67.2 ns
        b.Send(4, 1000); // the other direction is free
        world.RunUntilIdle();
        Assert.Equal([(1, 920L), (2, 1739L), (3, 1806L)], b.Received);
        Assert.Equal([(4, 920L)], a.Received);
        Assert.True(world.Quiescence().IsQuiet);
    }

    [Fact]
    public void Without_a_bandwidth_only_the_latency_counts()
    {
        var (world, a, b, _) = Pair(new() { BitsPerSecond = 0, Latency = Ns(100) });
        a.Send(1);
        a.Send(2);
        world.RunUntilIdle();
        Assert.Equal([(1, 100L), (2, 100L)], b.Received);
    }

    [Fact]
    public void Frames_longer_than_the_mtu_are_dropped()
    {
        var (world, a, b, tracer) = Pair(new() { Mtu = 1500 });
        a.Send(1, 1514);
        a.Send(2, 1515);
        var tagged = a.Make(3, MacAddress.Broadcast, 1518);
        tagged.Buffer[12] = 0x81;
        tagged.Buffer[13] = 0x00;
        a.Port.Send(tagged);
        world.RunUntilIdle();
        Assert.Equal(2, b.Received.Count);
        Assert.Equal([("h1.p1", DropReason.TooLong)], tracer.Drops);
        Assert.Equal(0, world.Frames.Outstanding);
    }

    [Fact]
    public void A_full_queue_drops_what_does_not_fit()
    {
        var (world, a, b, tracer) = Pair(new() { BitsPerSecond = 1_000_000_000, QueueBytes = 3 * 1024 });
        for (var i = 0; i < 6; i++) a.Send(i, 1000);
        world.RunUntilIdle();
        Assert.Equal([0, 1, 2], b.Numbers);
        Assert.All(tracer.Drops, drop => Assert.Equal(DropReason.QueueFull, drop.Reason));
        Assert.Equal(3, tracer.Drops.Count);
        Assert.Equal((6L, 3L, 3L), (world.Statistics.FramesSent, world.Statistics.FramesDelivered, world.Statistics.FramesDropped));
    }

    [Fact]
    public void Losses_follow_the_odds_and_the_seed()
    {
        var (world, a, b, _) = Pair(new() { Impairments = new() { LossPpm = 50_000 } });
        for (var i = 0; i < 20_000; i++) a.Send(i);
        world.RunUntilIdle();
        Assert.InRange(b.Received.Count, 18_850, 19_150);
        var (again, c, d, _) = Pair(new() { Impairments = new() { LossPpm = 50_000 } });
        for (var i = 0; i < 20_000; i++) c.Send(i);
        again.RunUntilIdle();
        Assert.Equal(b.Received, d.Received);
    }

    [Fact]
    public void Every_uncertainty_is_one_labelled_question_and_none_is_asked_at_rate_zero()
    {
        var every = new LinkImpairments { LossPpm = 1, CorruptionPpm = 1, DuplicationPpm = 1, DelayPpm = 1, ReorderingPpm = 1 };
        var chooser = new Script([0, 1, 12 * 8 + 7, 0, 0, 0]);
        var (world, a, b, _) = Pair(new() { Impairments = every }, new() { Chooser = chooser, Order = new() { Open = ChoiceKinds.All.Without(ChoiceKind.Delivery) } });
        a.Send(1);
        a.Port.Impairments = LinkImpairments.None;
        a.Send(2);
        world.RunUntilIdle();
        Assert.Equal(
            ["2 h1.p1>h2.p1 Loss", "2 h1.p1>h2.p1 Corruption", "480 h1.p1>h2.p1 Corruption", "2 h1.p1>h2.p1 Duplication",
                "2 h1.p1>h2.p1 Delay", "2 h1.p1>h2.p1 Reordering"],
            chooser.Asked);
        Assert.Equal(2, b.Received.Count);
    }

    [Fact]
    public void A_damaged_hardware_address_is_a_lost_frame()
    {
        var (world, a, b, _) = Pair(
            new() { Impairments = new() { CorruptionPpm = 1 } }, new() { Chooser = new Script([1, 95]), Order = new() { Open = ChoiceKinds.Of(ChoiceKind.Corruption) } });
        a.Send(1);
        world.RunUntilIdle();
        Assert.Empty(b.Received);
        Assert.Equal(1, world.Statistics.FramesDropped);
        Assert.Equal(0, world.Frames.Outstanding);
    }

    [Fact]
    public void Corruption_inverts_one_bit_and_spares_the_senders_copy()
    {
        var chooser = new Script([1, 14 * 8 + 3]);
        var (world, a, b, _) = Pair(
            new() { Impairments = new() { CorruptionPpm = 1 } }, new() { Chooser = chooser, Order = new() { Open = ChoiceKinds.Of(ChoiceKind.Corruption) } });
        var kept = a.Make(1, MacAddress.Broadcast);
        kept.AddReference();
        a.Port.Send(kept);
        world.RunUntilIdle();
        Assert.Equal([1 ^ 8], b.Numbers);
        Assert.Equal(1, kept.Buffer[14]);
        kept.Release();
        Assert.Equal(0, world.Frames.Outstanding);
    }

    [Fact]
    public void Duplication_delivers_twice()
    {
        var (world, a, b, _) = Pair(new() { Impairments = new() { DuplicationPpm = 1_000_000 } });
        a.Send(7);
        world.RunUntilIdle();
        Assert.Equal([7, 7], b.Numbers);
        Assert.Equal(0, world.Frames.Outstanding);
    }

    [Fact]
    public void A_frame_that_is_held_back_is_passed_by_no_more_than_its_distance()
    {
        // The first frame: reordered, by up to 2 others. The rest: not.
        var chooser = new Script([1, 1]);
        var (world, a, b, _) = Pair(
            new() { Impairments = new() { ReorderingPpm = 1, ReorderDistance = 3, ReorderGap = Ns(1000) }, BitsPerSecond = 0 },
            new() { Chooser = chooser, Order = new() { Open = ChoiceKinds.Of(ChoiceKind.Reordering) } });
        for (var i = 1; i <= 5; i++) a.Send(i);
        world.RunUntilIdle();
        Assert.Equal([2, 3, 1, 4, 5], b.Numbers);
    }

    [Fact]
    public void Reordering_is_bounded_for_every_frame()
    {
        var (world, a, b, _) = Pair(new() { Impairments = new() { ReorderingPpm = 300_000, ReorderDistance = 4 } }, new() { Seed = 5 });
        for (var i = 0; i < 5_000; i++) a.Send(i);
        world.RunUntilIdle();
        var numbers = b.Numbers.ToArray();
        Assert.Equal(Enumerable.Range(0, 5_000), numbers.Order());
        Assert.NotEqual(Enumerable.Range(0, 5_000), numbers);
        var place = new int[5_000];
        for (var i = 0; i < numbers.Length; i++) place[numbers[i]] = i;
        for (var i = 0; i < 5_000; i++)
        {
            var passedBy = Enumerable.Range(i + 1, Math.Min(20, 4_999 - i)).Count(later => place[later] < place[i]);
            Assert.InRange(passedBy, 0, 4);
        }
        Assert.Equal(b.Received.Select(r => r.At).Order(), b.Received.Select(r => r.At));
    }

    [Fact]
    public void Extra_delay_holds_up_what_follows()
    {
        var chooser = new Script([1, 2]);
        var (world, a, b, _) = Pair(
            new() { Impairments = new() { DelayPpm = 1, DelayStep = Ns(1000) }, BitsPerSecond = 0, Latency = Ns(10) },
            new() { Chooser = chooser, Order = new() { Open = ChoiceKinds.Of(ChoiceKind.Delay) } });
        a.Send(1);
        a.Send(2);
        world.RunUntilIdle();
        Assert.Equal([(1, 3010L), (2, 3010L)], b.Received);
    }

    [Fact]
    public void A_link_that_goes_down_loses_what_is_in_flight_and_tells_both_ends()
    {
        var (world, a, b, tracer) = Pair(new() { Latency = Ns(1000) });
        a.Send(1);
        b.Send(2);
        world.Faults.At(new(500), "down", () => a.Port.Link.SetUp(false));
        world.Faults.At(new(600), "send", () => { Assert.False(a.Port.IsUp); a.Send(3); });
        world.Faults.At(new(700), "up", () => a.Port.Link.SetUp(true));
        world.Faults.At(new(800), "send", () => a.Send(4));
        Assert.True(world.RunUntilIdle().HasPassed);
        Assert.Equal([4], b.Numbers);
        Assert.Empty(a.Received);
        Assert.Equal([false, true], a.States);
        Assert.Equal([false, true], b.States);
        Assert.Equal(3, tracer.Drops.Count(drop => drop.Reason == DropReason.LinkDown));
        Assert.True(world.Quiescence().IsQuiet);
    }

    [Fact]
    public void A_cut_works_one_way_and_looks_up()
    {
        var (world, a, b, tracer) = Pair(new());
        a.Port.IsCut = true;
        a.Send(1);
        b.Send(2);
        world.RunUntilIdle();
        Assert.True(a.Port.IsUp && b.Port.IsUp);
        Assert.Empty(b.Received);
        Assert.Equal([2], a.Numbers);
        Assert.Equal([("h1.p1", DropReason.Cut)], tracer.Drops);
    }

    [Theory]
    [InlineData(FrameFaultAction.Drop, "0 1 3 5")]
    [InlineData(FrameFaultAction.Duplicate, "0 1 2 2 3 4 4 5")]
    public void A_planned_fault_strikes_the_frames_it_names(FrameFaultAction action, string expected)
    {
        var (world, a, b, _) = Pair(new());
        var fault = a.Port.Plan(new("even", frame => frame[14] % 2 == 0) { Action = action, First = 2, Count = 2 });
        for (var i = 0; i < 6; i++) a.Send(i);
        world.RunUntilIdle();
        Assert.Equal(expected, string.Join(' ', b.Numbers));
        Assert.Equal((3, 2), (fault.Matched, fault.Struck));
        Assert.Equal(0, world.Frames.Outstanding);
    }

    [Fact]
    public void A_planned_fault_can_damage_delay_and_leave_it_to_choice()
    {
        var chooser = new Script([0, 1]);
        var (world, a, b, tracer) = Pair(new() { BitsPerSecond = 0, Latency = Ns(10) }, new() { Chooser = chooser, Order = new() { Open = ChoiceKinds.Of(ChoiceKind.Fault) } });
        a.Port.Plan(new("flip", frame => frame[14] == 1) { Action = FrameFaultAction.Corrupt, Bit = 14 * 8 + 7 });
        a.Port.Plan(new("late", frame => frame[14] == 2) { Action = FrameFaultAction.Delay, Delay = Ns(90) });
        a.Port.Plan(new("perhaps", frame => frame[14] is 3 or 4) { OddsPerMillion = 1 });
        for (var i = 1; i < 5; i++) a.Send(i);
        world.RunUntilIdle();
        Assert.Equal([(129, 10L), (2, 100L), (3, 100L)], b.Received);
        Assert.Equal(["2 h1.p1>h2.p1 Fault", "2 h1.p1>h2.p1 Fault"], chooser.Asked);
    }

    [Fact]
    public void Only_flows_that_are_separated_overtake_each_other()
    {
        Assert.Equal("123 213 231", Explored(FlowSeparation.UdpFlow));
        Assert.Equal("123", Explored(FlowSeparation.None));

        static string Explored(FlowSeparation separation)
        {
            var orders = new SortedSet<string>(StringComparer.Ordinal);
            for (var seed = 1UL; seed < 60; seed++)
            {
                var (world, a, b, _) = Pair(new() { Flows = separation }, new()
                {
                    Seed = seed,
                    Order = OrderOptions.Explore(ChoiceKinds.Of(ChoiceKind.Delivery), Duration.FromMicroseconds(10)),
                });
                a.Port.Send(Udp(a, 1, 1000, 5));
                a.Port.Send(Udp(a, 2, 2000, 5));
                a.Port.Send(Udp(a, 3, 2000, 6));
                world.RunUntilIdle();
                orders.Add(string.Concat(b.Received.Select(r => r.Number >> 8)));
            }
            return string.Join(' ', orders);
        }
    }

    [Fact]
    public void Flows_are_told_apart_by_ports_and_queue_pair()
    {
        var (_, a, _, _) = Pair(new());
        var one = FlowKey.Of(Udp(a, 1, 1000, 5).Span, FlowSeparation.UdpFlow);
        Assert.NotEqual(0UL, one);
        Assert.Equal(one, FlowKey.Of(Udp(a, 2, 1000, 6).Span, FlowSeparation.UdpFlow));
        Assert.NotEqual(one, FlowKey.Of(Udp(a, 2, 1001, 5).Span, FlowSeparation.UdpFlow));
        Assert.NotEqual(
            FlowKey.Of(Udp(a, 1, 1000, 5).Span, FlowSeparation.QueuePair), FlowKey.Of(Udp(a, 1, 1000, 6).Span, FlowSeparation.QueuePair));
        Assert.Equal(0UL, FlowKey.Of(a.Make(1, MacAddress.Broadcast).Span, FlowSeparation.QueuePair));
        Assert.Equal(0UL, FlowKey.Of(Udp(a, 1, 1000, 5).Span[..30], FlowSeparation.UdpFlow));
    }

    // Ethernet, IPv4 (identification holds the number that Inbox reads at 14), UDP to 4791, BTH with a destination QP.
    private static Frame Udp(Inbox from, int number, ushort port, uint qp)
    {
        var frame = from.Make(0, MacAddress.Broadcast, 70);
        var span = frame.Span;
        span[12] = 0x08;
        span[13] = 0x00;
        span[14] = 0x45;
        span[23] = 17;
        span[34] = (byte)(port >> 8);
        span[35] = (byte)port;
        span[36] = 4791 >> 8;
        span[37] = 4791 & 0xFF;
        span[47] = (byte)(qp >> 16);
        span[48] = (byte)(qp >> 8);
        span[49] = (byte)qp;
        span[15] = (byte)number;
        return frame;
    }
}
