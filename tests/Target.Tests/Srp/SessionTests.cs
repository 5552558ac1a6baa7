using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Initiator.Commands;
using Weft.Initiator.Srp;
using Weft.Protocol.Scsi;
using Weft.Protocol.Srp;
using Weft.Target.Luns;
using IserLab = Weft.Target.Tests.Iser.Lab;

namespace Weft.Target.Tests.Srp;

/// <summary>Our initiator and our target through the whole stack.</summary>
public class SessionTests
{
    private static void Run(Func<World, Task> script) => IserLab.Run(script);

    private static async Task CompareAsync(Disk disk, params int[] sizes)
    {
        await disk.ReadCapacityAsync();
        foreach (var size in sizes)
        {
            var written = new byte[size];
            for (var i = 0; i < size; i++) written[i] = (byte)(i * 31 + (i >> 8) + size);
            await disk.WriteAsync(3, written);
            var read = new byte[size];
            await disk.ReadAsync(3, read);
            Assert.True(read.AsSpan().SequenceEqual(written), $"{size} bytes");
        }
    }

    [Theory]
    [InlineData("", 1 << 20, true)] // one descriptor, or immediate data
    [InlineData("", 1 << 20, false)]
    [InlineData("", 8192, true)] // a table in the request
    [InlineData(",cmd_sg_entries=255", 1024, false)]
    [InlineData(",cmd_sg_entries=2,sg_tablesize=256,allow_ext_sg=1", 4096, false)] // a table that the target must fetch
    [InlineData(",cmd_sg_entries=1,sg_tablesize=2048,allow_ext_sg=1", 1024, true)]
    public void What_was_written_is_what_is_read_however_memory_is_described(string options, int piece, bool immediate) => Run(async world =>
    {
        var lab = new SrpLab(world);
        var session = await lab.AddInitiator().LoginAsync(lab.Address(options), new() { MaxRegistrationLength = piece, UseImmediateData = immediate });
        Assert.Single(await session.ListLunsAsync());
        await CompareAsync(session.OpenDisk(0), 512, 4096, 8192, 8704, 65536, 262144);
        await session.LogoutAsync();
        await lab.StopAsync();
    });

    [Fact]
    public void Memory_that_is_registered_already_is_described_page_by_page() => Run(async world =>
    {
        var lab = new SrpLab(world);
        var host = lab.AddInitiator();
        var session = await host.LoginAsync(lab.Address(",cmd_sg_entries=64"), new() { NeverRegister = true, UseImmediateData = false });
        var memory = new byte[2 * 131072];
        for (var i = 0; i < 131072; i++) memory[i] = (byte)(i % 251);
        using (var buffer = host.Register(memory))
        {
            foreach (var (write, at) in new[] { (true, 0), (false, 131072) })
            {
                var ended = world.NewSignal("the command to end");
                var command = new DiskCommand { Data = memory.AsMemory(at, 131072), Registration = buffer, Completed = _ => ended.TrySet() };
                command.SetCdb(write ? Cdb.Write(5, 256) : Cdb.Read(5, 256));
                session.OpenDisk(0).Submit(command);
                await ended.Task;
                Assert.True(command.IsGood, command.Outcome.ToString());
            }
        }
        Assert.True(memory.AsSpan(0, 131072).SequenceEqual(memory.AsSpan(131072)));
        await session.LogoutAsync();
        await lab.StopAsync();
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Several_channels_share_the_work_and_end_together(bool srq) => Run(async world =>
    {
        var lab = new SrpLab(world, new() { UseSrq = srq, SrqSize = 64, QueueDepth = 16 });
        var session = await lab.AddInitiator().LoginAsync(lab.Address(",ch_count=3"));
        Assert.Equal(3, lab.Target.Channels.Count);
        await CompareAsync(session.OpenDisk(0), 512, 65536);
        lab.Target.Channels[1].Close(Sessions.CloseReason.Administrative);
        await world.Until(() => session.State == SessionState.Recovering, "the loss");
        Assert.Equal(SrpPortState.Blocked, session.PortState);
        await CompareAsync(session.OpenDisk(0), 4096);
        Assert.Equal(2, session.Logins);
        Assert.Equal(3, lab.Target.Channels.Count);
        await session.LogoutAsync();
        await lab.StopAsync();
        Assert.Equal(6, lab.Log.Released);
    });

    [Fact]
    public void The_rest_of_the_request_limit_comes_by_SRP_CRED_REQ() => Run(async world =>
    {
        var lab = new SrpLab(world, new() { QueueDepth = 24, LoginGrant = 4 });
        var session = await lab.AddInitiator().LoginAsync(lab.Address());
        await world.Until(() => session.RequestLimit == 24, "the credits");
        await CompareAsync(session.OpenDisk(0), 4096);
        Assert.Equal(24, session.RequestLimit);
        await session.LogoutAsync();
        await lab.StopAsync();
    });

    /// <summary>As after a reboot that the target has not noticed: commands of the new channel wait for those of the old one, if it has any.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_login_that_replaces_a_channel_works_whether_that_was_busy_or_idle(bool isBusy) => Run(async world =>
    {
        var lab = new SrpLab(world, timing: StoreTiming.AnyOrder(latency: Duration.FromMilliseconds(5)));
        lab.AddNode("i1", out var device);
        InitiatorHost before = new(device, "iqn.2026-01.weft:before"), after = new(device, "iqn.2026-01.weft:after");
        var old = await before.LoginAsync(lab.Address(), new() { ReconnectDelay = Duration.Infinite });
        await old.OpenDisk(0).ReadCapacityAsync();
        var ended = 0;
        if (isBusy)
        {
            var command = new DiskCommand { Data = new byte[4096], Completed = _ => ended++ };
            command.SetCdb(Cdb.Read(0, 8));
            old.OpenDisk(0).Submit(command);
            await world.Delay(Duration.FromMilliseconds(1));
        }
        var session = await after.LoginAsync(lab.Address());
        await session.OpenDisk(0).TestUnitReadyAsync();
        Assert.Equal(Sessions.CloseReason.Reinstated, Assert.Single(lab.Log.Closings));
        Assert.Equal(1, session.Logins);
        await old.LogoutAsync();
        Assert.Equal(isBusy ? 1 : 0, ended);
        await session.LogoutAsync();
        await lab.StopAsync();
    });

    [Fact]
    public void Refusals_name_their_reason() => Run(async world =>
    {
        var lab = new SrpLab(world, new() { MaxRequestSize = 4148, MaxChannels = 1, Initiators = ["10.0.0.2"] });
        var (first, second) = (lab.AddInitiator(), lab.AddInitiator("i2"));
        await RefusedAsync(first, "00010002", lab.Address()); // 8260 bytes for immediate data
        await RefusedAsync(first, "00010003", lab.Address(",max_it_iu_size=4148") with { IdExt = 5 });
        await RefusedAsync(second, "00010006", lab.Address(",max_it_iu_size=4148")); // not in the list
        var session = await first.LoginAsync(lab.Address(",max_it_iu_size=4148"));
        await RefusedAsync(first, "00010006", lab.Address(",max_it_iu_size=4148,initiator_ext=7") with { Destination = new(SrpLab.Portal.Address, 5555) }, isOther: true);
        lab.Target.Disable();
        await world.Until(() => lab.Target.Channels.Count == 0, "the channel to go");
        await RefusedAsync(second, "00010001", lab.Address(",max_it_iu_size=4148"));
        await session.LogoutAsync();
        await lab.StopAsync();
        Assert.Equal([
            SrpLoginRejectReason.InformationUnitTooLong, SrpLoginRejectReason.UnableToAssociate, SrpLoginRejectReason.ChannelLimitReached,
            SrpLoginRejectReason.InsufficientResources,
        ], lab.Log.Refusals);

        static async Task RefusedAsync(InitiatorHost host, string reason, SrpAddTarget target, bool isOther = false)
        {
            var refused = await Assert.ThrowsAsync<LoginException>(async () => await host.LoginAsync(target));
            Assert.Contains(isOther ? "Already connected" : reason, refused.Message, StringComparison.Ordinal);
        }
    });

    [Fact]
    public void An_abort_ends_its_command_alone_and_gives_its_place_back() => Run(async world =>
    {
        var lab = new SrpLab(world, timing: StoreTiming.AnyOrder(latency: Duration.FromMilliseconds(5)));
        var session = await lab.AddInitiator().LoginAsync(lab.Address());
        var disk = session.OpenDisk(0);
        await disk.ReadCapacityAsync();
        var ended = 0;
        var commands = new List<DiskCommand>();
        for (var i = 0; i < 3; i++)
        {
            var command = new DiskCommand { Data = new byte[4096], Completed = _ => ended++ };
            command.SetCdb(Cdb.Read((ulong)i * 8, 8));
            commands.Add(command);
            disk.Submit(command);
        }
        await world.Delay(Duration.FromMilliseconds(1));
        Assert.Equal(TaskManagementOutcome.Complete, await disk.AbortAsync(commands[1]));
        await world.Until(() => ended == 3, "all to end");
        Assert.Equal([CommandOutcome.Completed, CommandOutcome.Aborted, CommandOutcome.Completed], commands.Select(c => c.Outcome));
        Assert.Equal(TaskManagementOutcome.Complete, await disk.ResetAsync());
        Assert.Equal(128, session.RequestLimit);
        await session.LogoutAsync();
        await lab.StopAsync();
    });

    [Fact]
    public void A_lost_target_blocks_then_fails_commands_then_is_given_up() => Run(async world =>
    {
        var lab = new SrpLab(world);
        var session = await lab.AddInitiator().LoginAsync(lab.Address(), new()
        {
            ReconnectDelay = Duration.FromSeconds(10), FastIoFailTimeout = Duration.FromSeconds(15), DeviceLossTimeout = Duration.FromSeconds(60),
        });
        var disk = session.OpenDisk(0);
        await disk.ReadCapacityAsync();
        var start = world.Now;
        lab.Target.Disable();
        await world.Until(() => session.PortState == SrpPortState.Blocked, "blocked");
        var result = default(CommandResult?);
        world.Watch(RunAsync());
        await world.Until(() => session.PortState == SrpPortState.FailFast, "fail-fast");
        Assert.Equal(15, (int)((world.Now - start).Nanoseconds / 1_000_000_000));
        await world.Until(() => result is not null, "the command to fail");
        Assert.Equal(CommandOutcome.TransportFailed, result!.Value.Outcome);
        await world.Until(() => session.PortState == SrpPortState.Lost, "lost");
        Assert.Equal(60, (int)((world.Now - start).Nanoseconds / 1_000_000_000));
        Assert.Contains("dev_loss_tmo", session.LastProblem, StringComparison.Ordinal);
        await session.LogoutAsync();
        await lab.StopAsync();

        async Task RunAsync() => result = await disk.ExecuteAsync(Cdb.TestUnitReady());
    });
}
