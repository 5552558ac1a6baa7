using Weft.Fabric.Sim.Nodes;

namespace Weft.Fabric.Sim.Tests.Nodes;

public sealed class EthernetSwitchTests
{
    private static (World World, EthernetSwitch Switch, Inbox[] Hosts, Tracer Tracer) Star(int hosts, SwitchOptions? options = null)
    {
        var world = new World();
        var tracer = new Tracer();
        world.Observer = tracer;
        var made = world.AddSwitch("s1", options);
        var inboxes = new Inbox[hosts];
        for (var i = 0; i < hosts; i++) inboxes[i] = new(world.Connect(world.AddHost($"h{i + 1}"), made, new() { BitsPerSecond = 0 }).A);
        return (world, made, inboxes, tracer);
    }

    [Fact]
    public void Unknown_addresses_are_flooded_and_known_ones_are_not()
    {
        var (world, made, hosts, _) = Star(4);
        hosts[0].Send(1, hosts[1].Port.SuggestedMac);
        world.RunUntilIdle();
        Assert.Equal([0, 1, 1, 1], hosts.Select(h => h.Received.Count));
        hosts[1].Send(2, hosts[0].Port.SuggestedMac);
        hosts[2].Send(3, hosts[1].Port.SuggestedMac);
        world.RunUntilIdle();
        Assert.Equal([1, 2, 1, 1], hosts.Select(h => h.Received.Count));
        hosts[0].Send(4, hosts[1].Port.SuggestedMac);
        world.RunUntilIdle();
        Assert.Equal([1, 3, 4], hosts[1].Numbers);
        Assert.Equal([1], hosts[3].Numbers);
        Assert.Equal(3, made.LearntAddresses);
        Assert.Equal(1, made.Flooded);
        Assert.Equal(0, world.Frames.Outstanding);
    }

    [Fact]
    public void Group_addresses_go_everywhere_but_back()
    {
        var (world, _, hosts, _) = Star(3);
        hosts[1].Send(1, MacAddress.Broadcast);
        hosts[1].Send(2, new MacAddress(0x3333_0000_0001));
        world.RunUntilIdle();
        Assert.Equal([2, 0, 2], hosts.Select(h => h.Received.Count));
        Assert.Equal(0, world.Frames.Outstanding);
    }

    [Fact]
    public void A_frame_takes_latency_and_forwarding_delay()
    {
        var (world, _, hosts, _) = Star(2, new() { ForwardingDelay = Duration.FromNanoseconds(70) });
        hosts[0].Send(1, hosts[1].Port.SuggestedMac);
        world.RunUntilIdle();
        Assert.Equal([(1, 500L + 70 + 500)], hosts[1].Received);
    }

    [Fact]
    public void What_was_learnt_from_a_port_is_void_when_it_goes_down()
    {
        var (world, made, hosts, _) = Star(3);
        hosts[1].Send(1, MacAddress.Broadcast);
        world.RunUntilIdle();
        var link = hosts[1].Port.Link;
        world.Faults.At(world.Now + Duration.FromNanoseconds(1), "down", () => link.SetUp(false));
        world.Faults.At(world.Now + Duration.FromNanoseconds(2), "up", () => link.SetUp(true));
        world.RunUntilIdle();
        hosts[0].Send(2, hosts[1].Port.SuggestedMac);
        world.RunUntilIdle();
        Assert.Equal(1, made.Flooded);
        Assert.Contains(2, hosts[2].Numbers);
    }

    [Fact]
    public void A_station_that_moves_is_learnt_anew()
    {
        var (world, made, hosts, _) = Star(3);
        hosts[1].Send(1, MacAddress.Broadcast);
        world.RunUntilIdle();
        var moved = hosts[2].Make(2, MacAddress.Broadcast);
        hosts[1].Port.SuggestedMac.Write(moved.Span[6..]);
        hosts[2].Port.Send(moved);
        world.RunUntilIdle();
        hosts[0].Send(3, hosts[1].Port.SuggestedMac);
        world.RunUntilIdle();
        Assert.Contains(3, hosts[2].Numbers);
        Assert.DoesNotContain(3, hosts[1].Numbers);
        Assert.Equal(0, made.Flooded);
    }

    [Fact]
    public void A_frame_for_the_port_it_came_from_goes_nowhere_and_a_full_table_floods()
    {
        var (world, made, hosts, tracer) = Star(3, new() { TableSize = 1 });
        hosts[0].Send(1, MacAddress.Broadcast);
        world.RunUntilIdle();
        hosts[0].Send(2, hosts[0].Port.SuggestedMac);
        hosts[1].Send(3, hosts[0].Port.SuggestedMac);
        hosts[2].Send(4, hosts[1].Port.SuggestedMac);
        world.RunUntilIdle();
        Assert.Equal([("h1.p1", DropReason.NotForwarded)], tracer.Drops);
        Assert.Equal((1, 1L), (made.LearntAddresses, made.Flooded));
        Assert.Equal([3, 4], hosts[0].Numbers);
    }

    [Fact]
    public void A_switch_that_loses_power_forgets_and_forwards_again_after_it_is_back()
    {
        var (world, made, hosts, _) = Star(2);
        hosts[0].Send(1, MacAddress.Broadcast);
        world.RunUntilIdle();
        world.Faults.At(world.Now + Duration.FromNanoseconds(1), "off", () => made.Node.Kill());
        world.RunUntilIdle();
        Assert.False(hosts[0].Port.IsUp);
        hosts[1].Send(2, hosts[0].Port.SuggestedMac);
        world.Faults.At(world.Now + Duration.FromNanoseconds(1), "on", made.Node.Restart);
        world.RunUntilIdle();
        Assert.Equal([false, true], hosts[0].States);
        Assert.Equal(0, made.LearntAddresses);
        hosts[1].Send(3, hosts[0].Port.SuggestedMac);
        world.RunUntilIdle();
        Assert.Equal([3], hosts[0].Numbers);
    }

    [Fact]
    public void Two_switches_carry_a_frame_through()
    {
        var world = new World();
        var left = world.AddSwitch("s1");
        var right = world.AddSwitch("s2");
        var a = new Inbox(world.Connect(world.AddHost("h1"), left).A);
        world.Connect(left, right);
        var b = new Inbox(world.Connect(world.AddHost("h2"), right).A);
        a.Send(1, b.Port.SuggestedMac);
        world.RunUntilIdle();
        b.Send(2, a.Port.SuggestedMac);
        world.RunUntilIdle();
        Assert.Equal([1], b.Numbers);
        Assert.Equal([2], a.Numbers);
        Assert.Equal(1, right.Flooded);
    }
}
