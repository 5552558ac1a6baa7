using Weft.Fabric.Connections;
using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Verbs;
using Weft.Initiator;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;
using Weft.Protocol.Scsi;
using Weft.Target.Iser;
using Weft.Target.Luns;
using Weft.Target.Sessions;

namespace Weft.Target.Tests.Iser;

/// <summary>Races of real targets, each with the right outcome, and where it is a decision of ours with the bug put back.</summary>
public class RaceTests
{
    /// <summary>A portal whose connections are made by the test.</summary>
    private sealed class Portal(TargetHost host, IRdmaDevice device, Func<IserPortal, ICmId, IserConnection> make) : IserPortal(host, device, Lab.Portal)
    {
        protected override IserConnection CreateConnection(ICmId id) => make(this, id);
    }

    private static Func<TargetHost, IRdmaDevice, IserPortal> With(Func<IserPortal, ICmId, IserConnection> make) => (host, device) => new Portal(host, device, make);

    private static RawClient AddClient(Lab lab, World world, string name = "raw")
    {
        lab.AddNode(name, out var device);
        return new(world, device);
    }

    private static WorldOptions Disorder(int seed) => new()
    {
        Seed = (ulong)seed,
        Order = new() { DispatchWindow = Duration.FromMicroseconds(200), DeliveryWindow = Duration.FromMicroseconds(20), BackEndWindow = Duration.FromMicroseconds(100) },
    };

    private static Task ReleasedAsync(World world, Lab lab) => world.Until(() => lab.Host.Connections.Count == 0, "release", Duration.FromSeconds(400)).AsTask();

    private sealed class CountsHeld(IserPortal portal, ICmId id) : IserConnection(portal, id)
    {
        public static int Held; // of one test at a time
        private protected override void Hold(ReceivedPdu slot, int length)
        {
            Held++;
            base.Hold(slot, length);
        }
    }

    private sealed class ForgetsEarlyLogin(IserPortal portal, ICmId id) : IserConnection(portal, id)
    {
        private protected override void Hold(ReceivedPdu slot, int length) => ReturnReceived(slot); // "not established yet: ignored"
    }

    [Fact]
    public void A_login_that_overtakes_Established_is_held_and_answered_once()
    {
        CountsHeld.Held = 0;
        for (var seed = 1; seed <= 40; seed++) LoginOnce(seed, (p, id) => new CountsHeld(p, id));
        Assert.InRange(CountsHeld.Held, 1, 39); // both orders were seen
        var caught = Enumerable.Range(1, 40).First(seed => Record.Exception(() => LoginOnce(seed, (p, id) => new ForgetsEarlyLogin(p, id))) is not null);
        Assert.InRange(caught, 1, 20);
    }

    private static void LoginOnce(int seed, Func<IserPortal, ICmId, IserConnection> make) => Lab.Run(async world =>
    {
        var lab = new Lab(world, portal: With(make));
        var client = AddClient(lab, world);
        await client.LoginAsync();
        await world.Delay(Duration.FromSeconds(1));
        Assert.Empty(client.Inbox);
        await client.StatusAsync(client.Read(0, 1));
        await lab.StopAsync();
    }, Disorder(seed));

    private static bool IsCm(ReadOnlySpan<byte> frame, byte attribute) => frame.Length > 80 && frame[63] == 7 && frame[78] == 0 && frame[79] == attribute;

    [Fact]
    public void A_lost_RTU_is_made_up_for_by_the_first_data() => Lab.Run(async world =>
    {
        var lab = new Lab(world);
        var client = AddClient(lab, world);
        var fault = world.FindNode("raw")!.Ports[0].Plan(new("RTU", f => IsCm(f, 0x14)) { Count = 1000 });
        await client.LoginAsync();
        Assert.True(fault.Struck > 0);
        await client.StatusAsync(client.Read(0, 1));
        await lab.StopAsync();
    });

    [Fact]
    public void A_connection_that_nobody_confirms_gives_its_slot_back() => Lab.Run(async world =>
    {
        var lab = new Lab(world);
        var client = AddClient(lab, world);
        world.Faults.When(() => lab.Host.Connections.Count == 1, "cut", () => world.FindNode("raw")!.Ports[0].IsCut = true);
        await client.ConnectAsync(wait: false);
        await world.Until(() => lab.Host.Connections.Count == 1, "request");
        var connection = lab.Host.Connections[0];
        Assert.Equal(1, lab.Host.LoginsInProgress);
        await ReleasedAsync(world, lab);
        Assert.Equal(0, lab.Host.LoginsInProgress);
        Assert.True(connection.Reason is CloseReason.NotEstablished or CloseReason.LoginTimeout, connection.Reason.ToString());
        await lab.StopAsync();
    });

    [Fact]
    public void A_refused_accept_is_cleaned_up_once() => Lab.Run(async world =>
    {
        ForwardingCmId? made = null;
        var lab = new Lab(world, portal: With((p, id) => new(p, made = new(id) { RefuseAccept = new(VerbsErrorCode.InvalidAttribute, "err: -22") })));
        var client = AddClient(lab, world);
        await client.ConnectAsync();
        Assert.True(client.IsGone);
        await ReleasedAsync(world, lab);
        Assert.Equal(0, lab.Host.LoginsInProgress);
        Assert.Equal(1, made!.Disconnects);
        Assert.Equal(0, lab.TargetDevice.Resources.QueuePairs);
        await lab.StopAsync();
    });

    [Theory]
    [InlineData(40, true)]
    [InlineData(15, false)]
    public void A_device_short_of_memory_is_asked_for_a_smaller_queue(int limit, bool works) => Lab.Run(async world =>
    {
        ForwardingCmId? made = null;
        var lab = new Lab(world, portal: With((p, id) => new(p, made = new(id) { RefuseQueuePair = new(VerbsErrorCode.OutOfResources, "no memory"), MaxSendWr = limit })));
        var client = AddClient(lab, world);
        if (works)
        {
            await client.LoginAsync();
            for (var i = 0; i < 20; i++) client.Read(0, 64); // more work requests than the queue holds
            for (var i = 1u; i <= 20; i++) await client.StatusAsync(i);
        }
        else
        {
            await client.ConnectAsync();
            Assert.True(client.IsGone);
        }
        Assert.True(made!.QueuePairAttempts > 1);
        await lab.StopAsync();
    });

    [Fact]
    public void Established_during_teardown_is_ignored() => Lab.Run(async world =>
    {
        var lab = new Lab(world);
        var client = AddClient(lab, world);
        world.Faults.When(() => lab.Host.Connections.Count == 1, "close", () => lab.Host.Connections[0].Close(CloseReason.Administrative));
        await client.ConnectAsync(wait: false);
        await world.Until(() => lab.Host.Connections.Count == 1, "request");
        var connection = lab.Host.Connections[0];
        await ReleasedAsync(world, lab);
        Assert.Equal(ConnectionState.Closed, connection.State);
        await lab.StopAsync();
    });

    [Fact]
    public void Logins_beyond_the_slots_are_turned_away_and_come_in_later() => Lab.Run(async world =>
    {
        var lab = new Lab(world, new() { MaxLogins = 4, NopInInterval = Duration.Infinite });
        var settled = AddClient(lab, world, "settled");
        await settled.LoginAsync(iqn: "iqn.2026-01.weft:settled");
        var clients = Enumerable.Range(0, 10).Select(i => AddClient(lab, world, $"c{i}")).ToList();
        foreach (var client in clients) await client.ConnectAsync(wait: false);
        await world.Until(() => clients.All(c => c.IsEstablished || c.IsGone), "all answers");
        Assert.Equal(4, clients.Count(c => c.IsEstablished));
        Assert.Equal(4, lab.Host.LoginsInProgress);
        await settled.StatusAsync(settled.Read(0, 1));
        var login = clients.First(c => c.IsEstablished);
        await login.FinishLoginAsync(login.StartLogin(iqn: "iqn.2026-01.weft:first"));
        var late = AddClient(lab, world, "late");
        await late.LoginAsync(iqn: "iqn.2026-01.weft:late");
        await lab.StopAsync();
    });

    [Fact]
    public void A_login_that_does_not_go_on_is_closed_after_its_time() => Lab.Run(async world =>
    {
        var lab = new Lab(world);
        var client = AddClient(lab, world);
        await client.ConnectAsync();
        var connection = lab.Host.Connections[0];
        await client.GoneAsync();
        Assert.Equal(CloseReason.LoginTimeout, connection.Reason);
        Assert.InRange(world.Now.Nanoseconds, 59_000_000_000, 61_000_000_000);
        await lab.StopAsync();
    });

    private sealed class FreesEarly(IserPortal portal, ICmId id) : IserConnection(portal, id)
    {
        private protected override bool MayEnd(IscsiTask task) => State >= ConnectionState.Closing || base.MayEnd(task);
    }

    private sealed class TrustsTheSendDrain(IserPortal portal, ICmId id) : IserConnection(portal, id)
    {
        private protected override bool MayRelease => base.MayRelease || SendsDrained;
    }

    private sealed class PostsBehindTheDrain(IserPortal portal, ICmId id) : IserConnection(portal, id)
    {
        private protected override bool MayPost => true;
        private protected override bool MayAnswer => true;
    }

    [Fact]
    public void A_disconnect_with_live_reads_frees_each_task_after_both_its_halves()
    {
        for (var seed = 1; seed <= 30; seed++) DisconnectUnderLoad(seed, (p, id) => new(p, id));
        AssertCaught(30, seed => DisconnectUnderLoad(seed, (p, id) => new FreesEarly(p, id)));
        AssertCaught(30, seed => DisconnectUnderLoad(seed, (p, id) => new TrustsTheSendDrain(p, id)));
        AssertCaught(30, seed => DisconnectUnderLoad(seed, (p, id) => new PostsBehindTheDrain(p, id)));
    }

    private static void AssertCaught(int within, Action<int> run)
    {
        for (var seed = 1; seed <= within; seed++)
            if (Record.Exception(() => run(seed)) is not null) return;
        Assert.Fail($"not caught within {within} schedules");
    }

    private static void DisconnectUnderLoad(int seed, Func<IserPortal, ICmId, IserConnection> make) => Lab.Run(async world =>
    {
        var lab = new Lab(world, portal: With(make), timing: StoreTiming.AnyOrder(latency: Duration.FromMicroseconds(10)));
        lab.Target.Policy = KeyPolicy.ImmediateDataTarget();
        var client = AddClient(lab, world);
        await client.LoginAsync();
        for (var i = 0; i < 24; i++)
        {
            if (i % 4 == 0) client.Write((uint)i * 64, 64);
            else if (i % 4 == 1) client.Write((uint)i * 64, 8, new byte[4096]);
            else client.Read((uint)i * 64, 64);
        }
        await world.Delay(Duration.FromMicroseconds(world.Chooser.Choose(100, new(ChoiceKind.Script, "when"))));
        if (seed % 2 == 0) client.Disconnect();
        else lab.Host.Connections[0].Close(CloseReason.Administrative);
        await ReleasedAsync(world, lab);
        await lab.StopAsync();
        var device = client.QueuePair.ProtectionDomain.Device;
        client.Destroy();
        Assert.Equal(default, device.Resources);
    }, Disorder(seed));

    [Fact]
    public void Several_reasons_to_close_at_once_make_one_farewell()
    {
        for (var seed = 1; seed <= 20; seed++)
            Lab.Run(async world =>
            {
                ForwardingCmId? made = null;
                var lab = new Lab(world, portal: With((p, id) => new(p, made = new(id))));
                var client = AddClient(lab, world);
                await client.LoginAsync();
                client.Read(0, 64);
                client.Disconnect();
                lab.Host.Connections[0].Close(CloseReason.Administrative);
                client.SendBytes(new byte[4]);
                await ReleasedAsync(world, lab);
                await client.GoneAsync();
                Assert.Equal(1, made!.Disconnects);
                await lab.StopAsync();
            }, Disorder(seed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_silent_partition_is_found_out_by_pings_alone(bool pings) => Lab.Run(async world =>
    {
        var lab = new Lab(world, new() { NopInInterval = pings ? Duration.FromSeconds(5) : Duration.Infinite, NopInTimeout = Duration.FromSeconds(10) });
        var initiator = lab.AddInitiator();
        var session = await initiator.LoginAsync(Lab.TargetName, Lab.Portal, new() { Timeouts = new() { PingInterval = Duration.Infinite } });
        await world.Delay(Duration.FromSeconds(60));
        Assert.Single(lab.Host.Sessions); // pings are answered
        var connection = lab.Host.Connections[0];
        world.FindNode("i1")!.Ports[0].Link.SetUp(false);
        await world.Delay(Duration.FromSeconds(120));
        Assert.Equal(pings, connection.State >= ConnectionState.Closing);
        if (pings) Assert.True(connection.Reason is CloseReason.PingTimeout or CloseReason.TransportError);
        await lab.StopAsync();
        _ = session;
    });

    [Fact]
    public void An_abort_and_a_completion_have_exactly_one_outcome()
    {
        var (aborted, answered) = (0, 0);
        for (var seed = 1; seed <= 60; seed++)
            Lab.Run(async world =>
            {
                var lab = new Lab(world, timing: StoreTiming.AnyOrder(latency: Duration.FromMicroseconds(20)));
                var client = AddClient(lab, world);
                await client.LoginAsync();
                var sn = client.CmdSn;
                var tag = seed % 2 == 0 ? client.Read(0, 128) : client.Write(0, 128);
                await world.Delay(Duration.FromMicroseconds(world.Chooser.Choose(80, new(ChoiceKind.Script, "when"))));
                client.Manage(TaskManagementFunction.AbortTask, tag, sn);
                await world.Delay(Duration.FromMilliseconds(10));
                var (response, _) = client.Inbox.Count == 2 ? await client.TakeAsync<ScsiResponsePdu>() : default;
                var (done, _) = await client.TakeAsync<TaskManagementResponsePdu>();
                if (response.InitiatorTaskTag == new TaskTag(tag))
                {
                    answered++;
                    Assert.Equal(TaskManagementResponseCode.TaskDoesNotExist, done.Response);
                }
                else
                {
                    aborted++;
                    Assert.Equal(TaskManagementResponseCode.Complete, done.Response);
                    // nothing of it moves any more: the initiator may use the memory again
                    client.Data.AsSpan().Fill(0xCC);
                    await world.Delay(Duration.FromMilliseconds(10));
                    Assert.Equal(-1, client.Data.AsSpan().IndexOfAnyExcept((byte)0xCC));
                }
                await client.StatusAsync(client.Read(0, 1));
                await lab.StopAsync();
            }, Disorder(seed));
        Assert.True(aborted > 5 && answered > 5, $"{aborted} aborted, {answered} answered");
    }

    [Fact]
    public void A_new_session_begins_when_nothing_of_the_old_one_can_reach_the_disk() => Lab.Run(async world =>
    {
        var lab = new Lab(world, timing: new(1, Duration.FromSeconds(2)));
        var client = AddClient(lab, world);
        await client.LoginAsync();
        client.Data.AsSpan(0, 512).Fill(1);
        client.Write(0, 1);
        await world.Delay(Duration.FromMilliseconds(1)); // with the back end now, for two seconds
        var again = AddClient(lab, world, "again");
        var started = world.Now;
        await again.LoginAsync();
        Assert.True(world.Now - started > Duration.FromSeconds(1.5));
        await again.StatusAsync(again.Read(0, 1));
        Assert.Equal(1, again.ReadHalf[0]);
        await lab.StopAsync();
    });

    [Fact]
    public void Unsolicited_data_that_never_comes_ends_the_connection() => Lab.Run(async world =>
    {
        var lab = new Lab(world);
        lab.Target.Policy = KeyPolicy.ImmediateDataTarget(initialR2T: false);
        var client = AddClient(lab, world);
        await client.LoginAsync();
        var connection = lab.Host.Connections[0];
        client.Write(0, 16, final: false);
        await client.GoneAsync();
        Assert.Equal(CloseReason.DataTimeout, connection.Reason);
        await lab.StopAsync();
    });

    [Fact]
    public void Three_hundred_logins_and_logouts_use_no_more_than_one() => Lab.Run(async world =>
    {
        var lab = new Lab(world);
        var initiator = lab.AddInitiator();
        ResourceCounts? first = null;
        for (var i = 0; i < 300; i++)
        {
            var session = await initiator.LoginAsync(Lab.TargetName, Lab.Portal);
            await session.OpenDisk(0).TestUnitReadyAsync();
            await session.LogoutAsync();
            await ReleasedAsync(world, lab);
            first ??= lab.TargetDevice.Resources;
            Assert.Equal(first, lab.TargetDevice.Resources);
        }
        await lab.StopAsync();
    });

    [Fact]
    public void A_pool_of_few_buffers_makes_commands_wait_and_loses_none() => Lab.Run(async world =>
    {
        var lab = new Lab(world, new() { DataPoolBytes = 128 << 10, MaxTransfer = 64 << 10, NopInInterval = Duration.Infinite }, timing: StoreTiming.AnyOrder(latency: Duration.FromMicroseconds(5)));
        var client = AddClient(lab, world);
        await client.LoginAsync();
        for (var i = 0; i < 32; i++) client.Read((uint)i, 256);
        var done = new HashSet<uint>();
        for (var i = 0; i < 32; i++) done.Add((await client.TakeAsync<ScsiResponsePdu>()).Pdu.InitiatorTaskTag.Value);
        Assert.Equal(32, done.Count);
        await lab.StopAsync();
    });

    /// <summary>Loss, duplication, reordering and corruption, with data checked; the transport makes up for all of it.</summary>
    [Fact]
    public void Data_survive_a_bad_network()
    {
        for (var seed = 1; seed <= 6; seed++)
            Lab.Run(async world =>
            {
                var lab = new Lab(world, timing: StoreTiming.AnyOrder());
                lab.Target.Policy = KeyPolicy.ImmediateDataTarget(initialR2T: seed % 2 == 0);
                var initiator = lab.AddInitiator();
                var session = await initiator.LoginAsync(Lab.TargetName, Lab.Portal);
                foreach (var link in world.Links)
                    link.A.Impairments = link.B.Impairments = new() { LossPpm = 20_000, CorruptionPpm = 10_000, DuplicationPpm = 20_000, ReorderingPpm = 20_000 };
                var disk = session.OpenDisk(0);
                for (var i = 0; i < 12; i++)
                {
                    var data = new byte[4096 << (i % 5)];
                    for (var k = 0; k < data.Length; k++) data[k] = (byte)((k * 31) + i + seed);
                    await disk.WriteAsync((ulong)i * 256, data);
                    var read = new byte[data.Length];
                    await disk.ReadAsync((ulong)i * 256, read);
                    Assert.Equal(data, read);
                }
                foreach (var link in world.Links) link.A.Impairments = link.B.Impairments = LinkImpairments.None;
                await session.LogoutAsync();
                await lab.StopAsync();
            }, Disorder(seed));
    }
}
