using Weft.Fabric.Connections;
using Weft.Fabric.Engine;
using Weft.Fabric.Engine.Management;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Sim;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Initiator;
using Weft.Initiator.Srp;
using Weft.Protocol.Mad.DeviceManagement;
using Weft.Target.Commands;
using Weft.Target.Luns;
using Weft.Target.Srp;
using IserLab = Weft.Target.Tests.Iser.Lab;

namespace Weft.Target.Tests.Srp;

/// <summary>SRP as it was meant: over InfiniBand, found by device management, logged in to over the IB CM with the string that was found.</summary>
public class InfiniBandTests
{
    [Theory]
    [InlineData("")]
    [InlineData(",ch_count=3")]
    [InlineData(",io_class=0100,initiator_ext=0000000000000007,cmd_sg_entries=2,allow_ext_sg=1,sg_tablesize=64")]
    public void A_target_that_device_management_shows_is_logged_in_to_with_that_string(string options) => IserLab.Run(async world =>
    {
        var (a, b) = (world.AddHost("i"), world.AddHost("t"));
        var link = world.Connect(a, b, new() { Type = LinkType.InfiniBand });
        var paths = new PathTable();
        var (near, far) = (Create(link.A, 1, paths), Create(link.B, 2, paths));
        var units = new TargetDevice("disk", announcesPowerOn: false);
        units.Luns.Default.Add(0, new DiskUnit(new RamStore("ram", 16384)));
        var target = new SrpTarget(b, units);
        var port = new SrpPort(target, far.Verbs);
        target.Enable();
        port.ListenInfiniBand();
        Assert.Equal("fe80:0000:0000:0000:0002:c903:0000:0002", port.Name);
        var agent = new DeviceManagementAgent();
        agent.Add(SrpProfile.Of(port));
        _ = new DeviceManagementService(far.MadPorts[0], agent);

        var client = new DeviceManagementClient(a, near.MadPorts[0]);
        DeviceManagementQuery? found = null;
        client.Ask(new(near.Verbs.QueryGid(1, 0), far.Verbs.QueryGid(1, 0), DestinationLid: new(2), IsGlobal: false), query => found = query);
        await world.Until(() => found is not null, "the answer", Duration.FromSeconds(60));
        Assert.Null(found!.Problem);
        var line = Assert.Single(SrpDiscovery.Commands(found.Controllers, far.Verbs.QueryGid(1, 0)));
        Assert.Equal("id_ext=0002c90300000102,ioc_guid=0002c90300000102,dgid=fe800000000000000002c90300000002,pkey=ffff,service_id=0002c90300000102", line);

        var text = SrpDiscovery.Describe(found.Unit!.Value, found.Controllers, new(2), far.Verbs.QueryGid(1, 0));
        Assert.Contains("    max controllers: 0x10", text, StringComparison.Ordinal);
        Assert.Contains("        Maximum size of Send Messages in bytes: 8276", text, StringComparison.Ordinal);
        Assert.Contains("            service[  0]: 0002c90300000102 / SRP.T10:0002c90300000102", text, StringComparison.Ordinal);

        var host = new InitiatorHost(near.Verbs, "iqn.2026-01.weft:i") { Paths = paths };
        var session = await host.LoginAsync(SrpAddTarget.TryParse(line + options, out _)!, new() { MaxRegistrationLength = 4096 });
        Assert.Equal("fe80:0000:0000:0000:0002:c903:0000:0001", target.Channels[0].SessionName);
        var disk = session.OpenDisk(0);
        await disk.ReadCapacityAsync();
        var written = new byte[65536];
        for (var i = 0; i < written.Length; i++) written[i] = (byte)(i * 13 + (i >> 9));
        await disk.WriteAsync(9, written);
        var read = new byte[written.Length];
        await disk.ReadAsync(9, read);
        Assert.True(read.AsSpan().SequenceEqual(written));

        var refused = await Assert.ThrowsAsync<LoginException>(async () => await host.LoginAsync(SrpAddTarget.TryParse(line.Replace("id_ext=0", "id_ext=1", StringComparison.Ordinal), out _)!));
        Assert.Contains("0x00010003", refused.Message, StringComparison.Ordinal);
        await session.LogoutAsync();
        var stopped = false;
        target.Stop(() => stopped = true);
        await world.Until(() => stopped, "the target to stop");
        Assert.Equal(default, far.Verbs.Resources);
        Assert.Equal(default, near.Verbs.Resources);
    });

    private static InfiniBandDevice Create(Weft.Fabric.Sim.Links.LinkPort port, ushort number, PathTable paths)
    {
        var guid = new Guid64(0x0002_C903_0000_0000ul + number);
        paths.Add(Gid.LinkLocal(guid), new(number));
        return InfiniBandDevice.Create(port.Node, new()
        {
            Name = port.Node.Name, NodeGuid = new(guid.Value + 0x100), Paths = paths,
            Ports = [new() { PortGuid = guid, Settings = new IbPortSettings { State = PortState.Active, Lid = new(number) } }],
        }, port);
    }
}
