using Weft.Fabric.Sim;
using Weft.Initiator;
using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;
using Weft.Target.Sessions;

namespace Weft.Target.Tests.Iser;

public class SessionTests
{
    [Fact]
    public void Discovery_login_io_and_logout_leave_nothing_behind() => Lab.Run(async world =>
    {
        var lab = new Lab(world);
        var initiator = lab.AddInitiator();
        var found = Assert.Single(await initiator.DiscoverAsync(Lab.Portal));
        Assert.Equal(Lab.TargetName, found.Name);
        Assert.Equal(Lab.Portal, found.Portal);

        var session = await initiator.LoginAsync(found);
        var mine = Assert.Single(lab.Host.Sessions);
        Assert.True(mine.Parameters is { InitialR2T: true, ImmediateData: false, RdmaExtensions: true });
        var disk = session.OpenDisk(0);
        Assert.Equal(16383UL, (await disk.ReadCapacityAsync()).LastLba);
        await RoundTripAsync(disk);
        await disk.FlushAsync();
        await session.LogoutAsync();
        await lab.StopAsync();
        await initiator.CloseAsync();
        Assert.Equal(default, initiator.Device.Resources);
        await world.Idle();
        Assert.True(world.Quiescence().IsQuiet, world.Quiescence().ToString());
    });

    /// <summary>Every way in which a write's data can come: RDMA alone, immediate data, unsolicited PDUs, and the mixtures.</summary>
    [Theory]
    [InlineData(true, false, 65536u)]
    [InlineData(true, true, 65536u)]
    [InlineData(false, false, 16384u)]
    [InlineData(false, true, 16384u)]
    [InlineData(false, true, 65536u)]
    public void Data_comes_as_negotiated(bool initialR2T, bool immediate, uint firstBurst) => Lab.Run(async world =>
    {
        var lab = new Lab(world);
        lab.Target.Policy = KeyPolicy.ImmediateDataTarget(initialR2T).With(KeyId.ImmediateData, immediate).With(KeyId.FirstBurstLength, firstBurst);
        var initiator = lab.AddInitiator();
        var session = await initiator.LoginAsync(Lab.TargetName, Lab.Portal);
        var parameters = lab.Host.Sessions[0].Parameters;
        Assert.Equal((initialR2T, immediate, (int)firstBurst), (parameters.InitialR2T, parameters.ImmediateData, parameters.FirstBurstLength));
        await RoundTripAsync(session.OpenDisk(0));
        await session.LogoutAsync();
        await lab.StopAsync();
    });

    private static async Task RoundTripAsync(Disk disk)
    {
        foreach (var length in new[] { 512, 4096, 8192, 12288, 65536, 98304, 524288 })
        {
            var data = new byte[length];
            for (var i = 0; i < length; i++) data[i] = (byte)(i * 7 + i / 512 + length);
            await disk.WriteAsync(16, data);
            var read = new byte[length];
            await disk.ReadAsync(16, read);
            Assert.Equal(data, read);
        }
    }

    [Theory]
    [InlineData(ChapAlgorithm.Md5, false)]
    [InlineData(ChapAlgorithm.Sha3_256, true)]
    public void Chap(ChapAlgorithm algorithm, bool mutual) => Lab.Run(async world =>
    {
        var lab = new Lab(world);
        lab.Target.AddAccount(new("user", "a long secret"));
        lab.Target.OwnAccount = new("target", "another secret");
        var initiator = lab.AddInitiator();
        var chap = new ChapSettings(new("user", "a long secret"), mutual ? new("target", "another secret") : null) { Algorithms = [algorithm] };
        var session = await initiator.LoginAsync(Lab.TargetName, Lab.Portal, new() { Chap = chap });
        await session.OpenDisk(0).TestUnitReadyAsync();
        await session.LogoutAsync();
        await Assert.ThrowsAsync<LoginException>(async () => await initiator.LoginAsync(Lab.TargetName, Lab.Portal, new() { Chap = chap with { Own = new("user", "wrong") } }));
        await Assert.ThrowsAsync<LoginException>(async () => await initiator.LoginAsync(Lab.TargetName, Lab.Portal));
        await lab.StopAsync();
    });

    [Fact]
    public void What_a_target_does_not_admit_is_refused_with_its_status() => Lab.Run(async world =>
    {
        var lab = new Lab(world);
        var initiator = lab.AddInitiator();
        Assert.Equal(0x0203, await RefusedAsync(initiator, "iqn.2026-01.weft:nosuch"));
        lab.Target.AllowPortal("10.0.9.*");
        Assert.Equal(0x0203, await RefusedAsync(initiator, Lab.TargetName));
        Assert.Empty(await initiator.DiscoverAsync(Lab.Portal));
        var other = lab.Host.AddTarget("iqn.2026-01.weft:other");
        other.AllowInitiator("iqn.2026-01.weft:someone*");
        Assert.Equal(0x0202, await RefusedAsync(initiator, other.Name));
        await lab.StopAsync();
    });

    private static async Task<int> RefusedAsync(InitiatorHost initiator, string target)
    {
        var refused = await Assert.ThrowsAsync<LoginException>(async () => await initiator.LoginAsync(target, Lab.Portal));
        return refused.Status;
    }

    [Fact]
    public void The_same_initiator_port_takes_its_old_session_s_place() => Lab.Run(async world =>
    {
        var lab = new Lab(world);
        var initiator = lab.AddInitiator();
        var options = new SessionOptions { Isid = Protocol.Iscsi.Isid.FromOui(0x023d, 7) };
        var first = await initiator.LoginAsync(Lab.TargetName, Lab.Portal, options with { });
        var old = lab.Host.Sessions[0];
        var second = await initiator.LoginAsync(Lab.TargetName, Lab.Portal, options);
        Assert.True(old.IsOver);
        Assert.Equal(CloseReason.Reinstated, old.Connection.Reason);
        await second.OpenDisk(0).TestUnitReadyAsync();
        await lab.StopAsync();
    });

    [Fact]
    public void Many_initiators_share_one_target() => Lab.Run(async world =>
    {
        var lab = new Lab(world);
        var sessions = new List<InitiatorSession>();
        for (var i = 0; i < 8; i++) sessions.Add(await lab.AddInitiator($"i{i}", $"iqn.2026-01.weft:i{i}").LoginAsync(Lab.TargetName, Lab.Portal));
        var writes = new List<Task>();
        for (var i = 0; i < 8; i++)
        {
            var block = new byte[4096];
            block.AsSpan().Fill((byte)(i + 1));
            for (var k = 0; k < 40; k++) writes.Add(sessions[i].OpenDisk(0).WriteAsync((ulong)((i * 400) + (k * 8)), block).AsTask());
        }
        foreach (var write in writes) await write;
        var read = new byte[4096];
        for (var i = 0; i < 8; i++)
        {
            await sessions[(i + 3) % 8].OpenDisk(0).ReadAsync((ulong)((i * 400) + 312), read);
            Assert.All(read, b => Assert.Equal(i + 1, b));
        }
        foreach (var session in sessions) await session.LogoutAsync();
        await lab.StopAsync();
    });
}
