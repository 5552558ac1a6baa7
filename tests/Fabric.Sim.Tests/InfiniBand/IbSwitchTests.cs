using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Verbs;
using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Tests.InfiniBand;

/// <summary>Switches forward, filter, count and push back.</summary>
public sealed class IbSwitchTests
{
    private static void Join(VerbsHost a, VerbsHost b, byte retries = 7, byte serviceLevel = 0, ushort pkeyIndex = 0)
    {
        a.Create(QpType.ReliableConnected);
        b.Create(QpType.ReliableConnected);
        a.Connect(b, retries: retries, serviceLevel: serviceLevel, pkeyIndex: pkeyIndex);
        b.Connect(a, retries: retries, serviceLevel: serviceLevel, pkeyIndex: pkeyIndex);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void Packets_cross_switches_and_every_port_on_the_way_counts_them(int switches)
    {
        var rig = new SwitchedFabric(2 * switches, switches);
        var (a, b) = (rig.Hosts[0], rig.Hosts[switches - 1 == 0 ? 1 : switches - 1]);
        Join(a, b);
        a.Post(WorkOpcode.RdmaWrite, 100_000, b);
        rig.Run();
        Assert.Equal(CompletionStatus.Success, Assert.Single(a.Poll()).Status);
        Assert.Equal(a.Memory[..100_000], b.Memory[0x8_0000..(0x8_0000 + 100_000)]);

        var counters = rig.Adapters[0].Model[1].Counters;
        var first = rig.Switches[0].Model[1].Counters;
        Assert.Equal((counters.XmitPackets, counters.XmitData), (first.RcvPackets, first.RcvData));
        Assert.Equal((counters.RcvPackets, counters.RcvData), (first.XmitPackets, first.XmitData));
        // 98 packets of 1024 bytes: LRH, BTH and ICRC each, and a RETH in the first.
        Assert.Equal((98UL, (100_000UL + 98 * (8 + 12 + 4) + 16) / 4), (counters.XmitPackets, counters.XmitData));
        Assert.Equal(0UL, counters.XmitDiscards + first.RcvSwitchRelayErrors + first.RcvErrors);
    }

    [Fact]
    public void A_slow_link_pushes_back_to_the_senders_and_nothing_is_lost()
    {
        // Three hosts at 100 Gbit/s send to one that is reached over 10 Gbit/s: without credits the switch would have to drop.
        var rig = new SwitchedFabric(4, 2, new() { BitsPerSecond = 100_000_000_000 }, new() { BitsPerSecond = 10_000_000_000, LaneBytes = 16 << 10 });
        var sink = rig.Hosts[1];
        foreach (var host in new[] { rig.Hosts[0], rig.Hosts[2] })
        {
            Join(host, sink);
            for (var i = 0; i < 8; i++) host.Post(WorkOpcode.RdmaWrite, 200_000, sink);
        }
        var waited = 0;
        rig.World.Run(async w =>
        {
            for (var i = 0; i < 50; i++)
            {
                await w.Delay(Duration.FromMicroseconds(10));
                waited = Math.Max(waited, rig.Trunk!.A.Direction.Lanes!.Waiting);
            }
            await w.Idle();
        });
        Assert.True(waited > 0, "nothing ever waited for credits");
        Assert.Equal(8, rig.Hosts[0].Poll().Count(c => c.Status == CompletionStatus.Success));
        Assert.Equal(8, rig.Hosts[2].Poll().Count(c => c.Status == CompletionStatus.Success));
        Assert.Equal(0, rig.World.Statistics.FramesDropped);
        Assert.True(rig.Adapters[0].Model[1].Counters.XmitWait > 0);
        Assert.True(rig.World.Quiescence().IsQuiet);
    }

    [Fact]
    public void A_port_that_no_table_names_gets_nothing_and_the_switch_counts_why()
    {
        var rig = new SwitchedFabric(2);
        var lost = new VerbsHostPath(rig);
        lost.Forget(rig.Hosts[1].Number);
        Join(rig.Hosts[0], rig.Hosts[1], retries: 1);
        rig.Hosts[0].Post(WorkOpcode.RdmaWrite, 100, rig.Hosts[1]);
        rig.Run();
        Assert.Equal(CompletionStatus.RetryExceeded, Assert.Single(rig.Hosts[0].Poll()).Status);
        Assert.Equal(2UL, rig.Switches[0].Model[1].Counters.RcvSwitchRelayErrors);
    }

    [Fact]
    public void A_group_reaches_every_member_once_and_nobody_else()
    {
        var rig = new SwitchedFabric(4, 2);
        var group = Gid.Parse("ff12:401b:ffff::1");
        Span<byte> block = stackalloc byte[64];
        // s1: the trunk (8) and hosts on ports 1, 2; s2: the trunk (7) and the host on port 1.
        SmpTables.SetPortMask(block, 0, 1 << 8 | 1 << 1 | 1 << 2);
        rig.Switches[0].Model.Forwarding!.WriteMulticastBlock(0, 0, block);
        SmpTables.SetPortMask(block, 0, 1 << 7 | 1 << 1);
        rig.Switches[1].Model.Forwarding!.WriteMulticastBlock(0, 0, block);
        foreach (var host in rig.Hosts)
        {
            host.Create(QpType.UnreliableDatagram);
            host.Connect(host);
            host.Receive(300);
            Assert.Null(host.Pair.AttachMulticast(group));
        }
        var sender = rig.Hosts[0];
        var handle = sender.Domain.CreateAddressHandle(new(sender.Address, group, DestinationLid: new(0xC000)));
        Assert.Null(sender.Pair.PostSend(
            new() { Opcode = WorkOpcode.Send, Flags = SendFlags.Signaled, AddressHandle = handle, RemoteQpn = Qpn.Multicast, RemoteQKey = new(0x1234) }, [sender.Sge(0, 200)]));
        rig.Run();
        Assert.Equal([CompletionOpcode.Send], sender.Poll().Select(c => c.Opcode));
        Assert.Equal([1, 1, 0], rig.Hosts.Skip(1).Select(h => h.Poll().Count));
        Assert.Equal(1UL, rig.Adapters[1].Model[1].Counters.MulticastRcvPackets);
    }

    [Fact]
    public void Packets_of_another_partition_end_at_the_receiver_which_counts_and_tells()
    {
        var rig = new SwitchedFabric(2, configure: subnet =>
        {
            SetKeys(subnet, "h1", 0x8001);
            SetKeys(subnet, "h2", 0x8002);
        });
        Join(rig.Hosts[0], rig.Hosts[1], retries: 2);
        rig.Hosts[0].Post(WorkOpcode.RdmaWrite, 100, rig.Hosts[1]);
        rig.Run();
        Assert.Equal(CompletionStatus.RetryExceeded, Assert.Single(rig.Hosts[0].Poll()).Status);
        Assert.Equal(3, rig.Hosts[1].IbPort.Counters.PKeyViolations);
        Assert.Equal(3, rig.Adapters[1].Model[1].Info.PKeyViolations);
    }

    [Theory]
    [InlineData(0x8005, 0x8005, true), InlineData(0x8005, 0x0005, true), InlineData(0x0005, 0x8005, true), InlineData(0x0005, 0x0005, false)]
    public void Limited_members_talk_to_full_ones_alone(int keyOfA, int keyOfB, bool talks)
    {
        var rig = new SwitchedFabric(2, configure: subnet =>
        {
            SetKeys(subnet, "h1", keyOfA);
            SetKeys(subnet, "h2", keyOfB);
        });
        Join(rig.Hosts[0], rig.Hosts[1], retries: 1);
        rig.Hosts[0].Post(WorkOpcode.RdmaWrite, 100, rig.Hosts[1]);
        rig.Run();
        Assert.Equal(talks ? CompletionStatus.Success : CompletionStatus.RetryExceeded, Assert.Single(rig.Hosts[0].Poll()).Status);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_switch_that_enforces_partitions_stops_strangers_at_its_port(bool inbound)
    {
        var rig = new SwitchedFabric(2, configure: subnet =>
        {
            SetKeys(subnet, "h1", 0xFFFF, 0x8005);
            SetKeys(subnet, "h2", 0xFFFF, 0x8005);
            ref var info = ref subnet.Find("s1")![inbound ? 1 : 2].Info;
            (info.PartitionEnforcementInbound, info.PartitionEnforcementOutbound) = (inbound, !inbound);
        });
        Join(rig.Hosts[0], rig.Hosts[1], retries: 1, pkeyIndex: 1);
        rig.Hosts[0].Post(WorkOpcode.RdmaWrite, 100, rig.Hosts[1]);
        rig.Run();
        Assert.Equal(CompletionStatus.RetryExceeded, Assert.Single(rig.Hosts[0].Poll()).Status);
        var counters = rig.Switches[0].Model[inbound ? 1 : 2].Counters;
        Assert.Equal(2UL, inbound ? counters.RcvConstraintErrors : counters.XmitConstraintErrors);
        Assert.Equal(0, rig.Hosts[1].IbPort.Counters.PKeyViolations);
    }

    [Fact]
    public void A_key_that_is_taken_away_stops_what_is_sent_with_it()
    {
        var rig = new SwitchedFabric(2, configure: subnet =>
        {
            SetKeys(subnet, "h1", 0xFFFF, 0x8005);
            SetKeys(subnet, "h2", 0xFFFF, 0x8005);
        });
        Join(rig.Hosts[0], rig.Hosts[1], retries: 1, pkeyIndex: 1);
        rig.Hosts[0].Post(WorkOpcode.RdmaWrite, 100, rig.Hosts[1]);
        rig.Run();
        Assert.Equal(CompletionStatus.Success, Assert.Single(rig.Hosts[0].Poll()).Status);
        SetKeys(rig.Fabric.Subnet, "h1", 0xFFFF);
        rig.Adapters[0].Refresh(1);
        rig.Hosts[0].Post(WorkOpcode.RdmaWrite, 100, rig.Hosts[1]);
        rig.Run();
        Assert.Equal(CompletionStatus.RetryExceeded, Assert.Single(rig.Hosts[0].Poll()).Status);
        Assert.Equal(2, rig.Hosts[0].IbPort.Counters.DroppedNoPKey);
    }

    [Fact]
    public void Heads_of_queue_that_get_no_credits_are_dropped_after_their_life()
    {
        var rig = new SwitchedFabric(4, 2, new() { BitsPerSecond = 100_000_000_000 }, new() { BitsPerSecond = 1_000_000_000, LaneBytes = 8 << 10 }, configure: subnet =>
        {
            // 4.096 us x 2^1: far less than the 40 us that a 4 KiB buffer takes to drain over 1 Gbit/s.
            foreach (var port in subnet.Find("s1")!.Ports) port!.Info.HoqLife = 1;
        });
        Join(rig.Hosts[0], rig.Hosts[1]);
        for (var i = 0; i < 4; i++) rig.Hosts[0].Post(WorkOpcode.RdmaWrite, 30_000, rig.Hosts[1]);
        rig.Run();
        Assert.True(rig.Switches[0].Model[8].Counters.XmitDiscards > 0);
        Assert.All(rig.Hosts[0].Poll(), c => Assert.Equal(CompletionStatus.Success, c.Status));
    }

    private static void SetKeys(IbSubnet subnet, string node, params int[] keys)
    {
        Span<byte> block = stackalloc byte[64];
        for (var i = 0; i < keys.Length; i++) SmpTables.SetPKey(block, i, new((ushort)keys[i]));
        subnet.Find(node)![1].PKeys.WriteBlock(0, block);
    }

    /// <summary>Changes what a switch's table says of one LID.</summary>
    private sealed class VerbsHostPath(SwitchedFabric rig)
    {
        public void Forget(ushort lid)
        {
            Span<byte> block = stackalloc byte[64];
            rig.Switches[0].Model.Forwarding!.ReadLinearBlock(lid / 64, block);
            block[lid % 64] = SmpTables.NoPort;
            rig.Switches[0].Model.Forwarding!.WriteLinearBlock(lid / 64, block);
        }
    }
}
