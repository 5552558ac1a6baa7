using Weft.Fabric.Engine;
using Weft.Fabric.Sim.Links;

namespace Weft.Initiator.Tests.EndToEnd;

/// <summary>The initiator over the transport engine, the CM and simulated links.</summary>
public sealed class EngineTests
{
    private sealed class Rig
    {
        public Rig(LinkImpairments? impairments = null, ulong seed = 1)
        {
            World = new(new() { Seed = seed });
            var ethernet = World.AddSwitch("s1");
            var options = new LinkOptions { Impairments = impairments ?? new() };
            (TargetNode, InitiatorNode) = (World.AddHost("t"), World.AddHost("i"));
            (Cable, var other) = (World.Connect(TargetNode, ethernet, options), World.Connect(InitiatorNode, ethernet, options));
            TargetDevice = RoceDevice.Create(TargetNode, new() { Name = "t", Ports = [new() { Mac = Cable.A.SuggestedMac, Addresses = [Gid.Parse("10.0.0.1")] }] }, Cable.A);
            InitiatorDevice = RoceDevice.Create(InitiatorNode, new() { Name = "i", Ports = [new() { Mac = other.A.SuggestedMac, Addresses = [Gid.Parse("10.0.0.2")] }] }, other.A);
            Target = new(TargetDevice, At);
            Host = new(InitiatorDevice, "iqn.2024-01.lab:me");
        }

        public static readonly IpEndpoint At = new(Gid.Parse("10.0.0.1"), 3260);
        public World World { get; }
        public SimNode TargetNode { get; }
        public SimNode InitiatorNode { get; }
        public SimLink Cable { get; }
        public IRdmaDevice TargetDevice { get; }
        public IRdmaDevice InitiatorDevice { get; }
        public MiniTarget Target { get; }
        public InitiatorHost Host { get; }

        public static Rig Run(Func<Rig, Task> script, LinkImpairments? impairments = null, ulong seed = 1)
        {
            var rig = new Rig(impairments, seed);
            var result = rig.World.Run(async w =>
            {
                await script(rig);
                await rig.Host.CloseAsync();
                await w.Until(() => rig.Target.Connections.Count == 0, "the target's connections to end");
                rig.Target.Close();
                await w.Idle();
            });
            Assert.True(result.HasPassed, result + "\n" + result.Exception);
            Assert.Equal(default, rig.InitiatorDevice.Resources);
            Assert.True(rig.World.Quiescence().IsQuiet, rig.World.Quiescence().ToString());
            return rig;
        }
    }

    private static byte[] Pattern(int length, int seed) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31 + i / 509 + seed))];

    [Fact]
    public void Discovery_login_reads_writes_and_logout() => Rig.Run(async rig =>
    {
        var found = await rig.Host.DiscoverAsync(Rig.At);
        var session = await rig.Host.LoginAsync(found[0]);
        var disk = session.OpenDisk(0);
        foreach (var blocks in new[] { 1, 8, 17, 128, 1024 })
        {
            var data = Pattern(blocks * 512, blocks);
            await disk.WriteAsync(3, data);
            Assert.Equal(data, rig.Target.Store.AsSpan(3 * 512, data.Length).ToArray());
            var read = new byte[data.Length];
            await disk.ReadAsync(3, read);
            Assert.Equal(data, read);
        }
        Assert.True(((IserConnection)((IscsiSession)session).Connection!).IsRemoteInvalidating);
    });

    [Theory]
    [InlineData(true, true, 0x80)]
    [InlineData(true, false, 0xC0)]
    [InlineData(false, true, 0x80)]
    [InlineData(false, false, 0xC0)]
    public void A_hundred_commands_at_depth_32_keep_their_data(bool immediate, bool shared, byte flags) => Rig.Run(async rig =>
    {
        (rig.Target.Immediate, rig.Target.Flags) = (immediate, flags);
        var session = await rig.Host.LoginAsync("iqn.2024-01.lab:t1", Rig.At, new() { SharedCompletionQueue = shared });
        await DepthAsync(rig, session, 100);
    });

    private static async Task DepthAsync(Rig rig, InitiatorSession session, int rounds)
    {
        var disk = session.OpenDisk(0);
        var left = rounds;
        var busy = 32;
        for (var i = 0; i < 32; i++)
        {
            var data = new byte[24 * 512];
            var command = new DiskCommand { Data = data, Retries = 5 };
            var (slot, turn) = (i, 0);
            command.Completed = c =>
            {
                Assert.True(c.IsGood, c.ToResult().ToString());
                if (turn > 0 && turn % 2 == 0) Assert.Equal(Pattern(data.Length, slot + turn / 2), data);
                turn++;
                if (left-- <= 0 && turn % 2 == 1)
                {
                    busy--;
                    return;
                }
                if (turn % 2 == 1) Pattern(data.Length, slot + (turn + 1) / 2).CopyTo(data, 0);
                else data.AsSpan().Clear();
                c.SetCdb(turn % 2 == 1 ? Cdb.Write10((uint)slot * 24, 24) : Cdb.Read10((uint)slot * 24, 24));
                disk.Submit(c);
            };
            command.SetCdb(Cdb.Read10((uint)i * 24, 24));
            disk.Submit(command);
        }
        await rig.World.Until(() => busy == 0, "all rounds");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Loss_duplication_and_reordering_change_nothing(ulong seed) => Rig.Run(async rig =>
    {
        var session = await rig.Host.LoginAsync("iqn.2024-01.lab:t1", Rig.At);
        await DepthAsync(rig, session, 200);
    }, new() { LossPpm = 10_000, DuplicationPpm = 10_000, ReorderingPpm = 10_000, CorruptionPpm = 5_000 }, seed);

    [Fact]
    public void A_cable_that_is_out_for_a_minute_costs_time_only() => Rig.Run(async rig =>
    {
        var session = await rig.Host.LoginAsync("iqn.2024-01.lab:t1", Rig.At);
        var disk = session.OpenDisk(0);
        await disk.ReadCapacityAsync();
        rig.Cable.SetUp(false);
        var data = Pattern(4096, 1);
        var write = disk.WriteAsync(0, data);
        await rig.World.Until(() => session.State == SessionState.Recovering, "recovery");
        await rig.World.Delay(Duration.FromSeconds(30));
        rig.Cable.SetUp(true);
        await write;
        Assert.Equal(data, rig.Target.Store[..4096]);
        Assert.Equal(2, session.Logins);
    });

    [Fact]
    public void A_target_that_leaves_with_commands_under_way_is_logged_in_to_again() => Rig.Run(async rig =>
    {
        var session = await rig.Host.LoginAsync("iqn.2024-01.lab:t1", Rig.At);
        rig.Target.Holds = true;
        var ended = 0;
        for (var i = 0; i < 100; i++)
        {
            var command = new DiskCommand { Data = new byte[512], Retries = 5, Completed = c => { Assert.True(c.IsGood); ended++; } };
            command.SetCdb(Cdb.Read10((uint)i, 1));
            session.Submit(command);
        }
        await rig.World.Until(() => rig.Target.Commands >= 64, "a full window");
        rig.Target.Holds = false;
        rig.Target.Connections[0].Leave();
        await rig.World.Until(() => ended == 100, "all commands to end");
        Assert.Equal(2, session.Logins);
    });

    [Fact]
    public void Both_sides_leaving_at_once_end_cleanly() => Rig.Run(async rig =>
    {
        for (var i = 0; i < 20; i++)
        {
            await rig.Host.LoginAsync("iqn.2024-01.lab:t1", Rig.At);
            var connection = rig.Target.Connections[^1];
            var close = rig.Host.CloseAsync();
            await rig.World.Delay(Duration.FromMicroseconds(i));
            connection.Leave();
            await close;
        }
    });

    [Fact]
    public void Nobody_listening_is_a_transport_failure() => Rig.Run(async rig =>
    {
        var error = await Assert.ThrowsAsync<LoginException>(async () =>
            await rig.Host.LoginAsync("iqn.2024-01.lab:t1", Rig.At with { Port = 3999 }, new() { Timeouts = new() { InitialLoginRetries = 1 } }));
        Assert.Equal(LoginFailure.Transport, error.Reason);
        Assert.Contains("reason 8", error.Message);
    });

#if DEBUG
    private const long Allowed = 2000 * 1000; // without optimisation each look into a table of constants allocates
#else
    private const long Allowed = 2000;
#endif

    [Fact]
    public void Commands_through_the_whole_stack_allocate_nothing_in_steady_state() => Rig.Run(async rig =>
    {
        var session = await rig.Host.LoginAsync("iqn.2024-01.lab:t1", Rig.At);
        var left = 0;
        var commands = new DiskCommand[16];
        for (var i = 0; i < commands.Length; i++)
        {
            commands[i] = new() { Data = new byte[4096], Completed = c => { if (--left >= commands.Length) session.Submit(c); } };
            commands[i].SetCdb(i % 2 == 0 ? Cdb.Read10(0, 8) : Cdb.Write10((uint)i * 8, 8));
        }
        var last = long.MaxValue; // the least of several rounds: the runtime allocates when it compiles a method again
        for (var round = 0; round < 8; round++)
        {
            left = 2000;
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var command in commands) session.Submit(command);
            await rig.World.Until(() => left == 0, "the round");
            last = Math.Min(last, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.InRange(last, 0, Allowed); // what the script itself does for one wait, not 2000 times something
    });
}
