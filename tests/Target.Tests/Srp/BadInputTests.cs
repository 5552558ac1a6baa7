using System.Globalization;
using Weft.Fabric.Sim;
using Weft.Protocol.Scsi;
using Weft.Protocol.Srp;
using IserLab = Weft.Target.Tests.Iser.Lab;

namespace Weft.Target.Tests.Srp;

/// <summary>Initiators that break the rules: the target answers as the protocol has it, or hangs up, and nothing else happens to it.</summary>
public class BadInputTests
{
    private static readonly int Iterations =
        int.TryParse(Environment.GetEnvironmentVariable("WEFT_FUZZ_ITERATIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 3000;

    private static async Task<RawSrpClient> ConnectAsync(World world, SrpLab lab, byte[]? login = null, string name = "raw")
    {
        lab.AddNode(name, out var device);
        var client = new RawSrpClient(world, device, login ?? RawSrpClient.Login(lab));
        await client.ConnectAsync();
        return client;
    }

    private static async Task<(SrpResponse Response, byte[] Unit)> AnswerAsync(World world, RawSrpClient client, byte[] unit)
    {
        client.Send(unit);
        await world.Until(() => client.Inbox.Count > 0, "an answer", Duration.FromSeconds(10));
        var bytes = client.Inbox.Dequeue();
        Assert.True(SrpResponse.TryRead(bytes, out var response));
        return (response, bytes);
    }

    private static byte[] Command(RawSrpClient client, Cdb cdb, SrpDataFormat dataOut = default, SrpDataFormat dataIn = default, byte outCount = 0, byte inCount = 0, params SrpDescriptor[] descriptors)
    {
        var unit = new byte[SrpCommand.Length + 20 + descriptors.Length * 16];
        new SrpCommand(0, dataOut, dataIn, outCount, inCount, 0x77, 0, 0, 0, cdb.High, cdb.Low).Write(unit);
        var at = SrpCommand.Length;
        for (var i = 0; i < descriptors.Length; i++)
        {
            descriptors[i].Write(unit.AsSpan(at));
            at += 16;
            if (i == 0 && SrpDataFormat.Indirect == (dataOut | dataIn)) at += 4; // the total length stays zero: a lie, unless the test writes it
        }
        return unit[..Math.Max(SrpCommand.Length, at)];
    }

    [Theory]
    [InlineData(0, "00010000")] // no login in it
    [InlineData(63, "00010002")]
    [InlineData(8277, "00010002")]
    public void A_login_that_is_none_is_refused_with_its_reason(uint length, string reason) => IserLab.Run(async world =>
    {
        var lab = new SrpLab(world);
        var client = await ConnectAsync(world, lab, length == 0 ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] : RawSrpClient.Login(lab, length: length));
        Assert.True(SrpLoginReject.TryRead(client.Refusal, out var reject));
        Assert.Equal(reason, ((uint)reject.Reason).ToString("x8", CultureInfo.InvariantCulture));
        client.Destroy();
        await lab.StopAsync();
    });

    [Fact]
    public void Descriptors_that_lie_end_their_command_and_nothing_else() => IserLab.Run(async world =>
    {
        var lab = new SrpLab(world);
        var client = await ConnectAsync(world, lab);
        var (key, va) = (client.Key, client.Address);
        byte[][] lies =
        [
            Command(client, Cdb.Read(0, 8), dataIn: (SrpDataFormat)7, descriptors: new SrpDescriptor(va, key, 4096)),
            Command(client, Cdb.Read(0, 8), dataIn: SrpDataFormat.Immediate, descriptors: new SrpDescriptor(va, key, 4096)),
            Command(client, Cdb.Write(0, 8), dataOut: SrpDataFormat.Indirect, outCount: 200, descriptors: new SrpDescriptor(va, key, 200 * 16)), // the table is not there
            Command(client, Cdb.Write(0, 8), SrpDataFormat.Indirect, outCount: 2, descriptors: [new(va, key, 32), new(va, key, 2048), new(va, key, 2048)]), // total length 0
            Command(client, Cdb.Write(0, 8), SrpDataFormat.Indirect, outCount: 2, descriptors: [new(va, key, 33), new(va, key, 2048), new(va, key, 2048)]),
            Command(client, Cdb.Write(0, 8), SrpDataFormat.Indirect, outCount: 1, descriptors: [new(va, key, 0xFFFF_FFF0), new(va, key, 2048)]),
        ];
        foreach (var lie in lies)
        {
            var (response, unit) = await AnswerAsync(world, client, lie);
            Assert.Equal((byte)ScsiStatus.CheckCondition, response.Status);
            Assert.True(Sense.TryRead(response.Sense(unit), out var sense) && sense.Key == SenseKey.IllegalRequest, sense.ToString());
            Assert.Equal((1, 0x77ul), (response.RequestLimitDelta, response.Tag));
        }
        // Immediate data that is longer than the request.
        var longer = Command(client, Cdb.Write(0, 8), SrpDataFormat.Immediate, descriptors: new SrpDescriptor(0x0000_1000_0000_0000, default, 0));
        Assert.Equal((byte)ScsiStatus.CheckCondition, (await AnswerAsync(world, client, longer)).Response.Status);
        Assert.Equal((byte)ScsiStatus.Good, (await AnswerAsync(world, client, Command(client, Cdb.TestUnitReady()))).Response.Status);
        client.Disconnect();
        await world.Until(() => lab.Target.Channels.Count == 0, "the channel to go", Duration.FromSeconds(100));
        client.Destroy();
        await lab.StopAsync();
    });

    [Fact]
    public void A_key_that_is_none_ends_the_channel() => IserLab.Run(async world =>
    {
        var lab = new SrpLab(world);
        var client = await ConnectAsync(world, lab);
        client.Send(Command(client, Cdb.Write(0, 8), SrpDataFormat.Direct, descriptors: new SrpDescriptor(client.Address, new(0xDEAD_BEEF), 4096)));
        await world.Until(() => client.IsGone && lab.Target.Channels.Count == 0, "the channel to go", Duration.FromSeconds(100));
        Assert.Equal([Sessions.CloseReason.TransportError], lab.Log.Closings);
        client.Destroy();
        await lab.StopAsync();
    });

    [Fact]
    public void Units_that_nobody_knows_are_ignored_and_a_logout_is_heard() => IserLab.Run(async world =>
    {
        var lab = new SrpLab(world);
        var client = await ConnectAsync(world, lab);
        client.Send([0x55, 1, 2, 3]);
        client.Send([(byte)SrpOpcode.Command, 0]); // took its place from the limit all the same
        await world.Until(() => client.Inbox.Count > 0, "the place to come back", Duration.FromSeconds(10));
        Assert.True(SrpNotice.TryRead(client.Inbox.Dequeue(), out var credit));
        Assert.Equal((SrpOpcode.CreditRequest, 1), (credit.Opcode, credit.Value));
        var (response, _) = await AnswerAsync(world, client, Command(client, Cdb.TestUnitReady()));
        Assert.Equal(1, response.RequestLimitDelta);
        var logout = new byte[SrpNotice.Length];
        new SrpNotice(SrpOpcode.InitiatorLogout, 0, 0, 9).Write(logout);
        client.Send(logout);
        await world.Until(() => client.IsGone && lab.Target.Channels.Count == 0, "the channel to go", Duration.FromSeconds(100));
        Assert.Equal([Sessions.CloseReason.Logout], lab.Log.Closings);
        client.Destroy();
        await lab.StopAsync();
    });

    /// <summary>Damaged requests, one after another; a channel that the target ends for one of them is made again.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_an_initiator_sends_the_target_stays_and_leaves_nothing_behind(bool srq) => IserLab.Run(async world =>
    {
        var lab = new SrpLab(world, new() { UseSrq = srq, SrqSize = 32, QueueDepth = 16 });
        lab.AddNode("raw", out var device);
        var random = new Random(7);
        RawSrpClient? client = null;
        for (var i = 0; i < Iterations; i++)
        {
            if (client is { IsGone: true })
            {
                client.Destroy();
                client = null;
            }
            if (client is null)
            {
                client = new(world, device, RawSrpClient.Login(lab));
                await client.ConnectAsync();
            }
            var unit = Seed(client, random);
            for (var damage = random.Next(4); damage > 0; damage--) unit[random.Next(unit.Length)] = (byte)random.Next(256);
            client.Send(unit.AsSpan(0, random.Next(8) == 0 ? random.Next(1, unit.Length) : unit.Length));
            await world.Delay(Duration.FromMicroseconds(random.Next(40)));
            client.Inbox.Clear();
        }
        client!.Disconnect();
        await world.Until(() => lab.Target.Channels.Count == 0, "the channels to go", Duration.FromSeconds(400));
        client.Destroy();
        await lab.StopAsync();
    });

    private static byte[] Seed(RawSrpClient client, Random random)
    {
        var (key, va, blocks) = (client.Key, client.Address, (uint)random.Next(1, 9));
        switch (random.Next(6))
        {
            case 0:
                return Command(client, Cdb.Read(5, blocks), dataIn: SrpDataFormat.Direct, descriptors: new SrpDescriptor(va, key, blocks * 512));
            case 1:
                return Command(client, Cdb.Write(5, blocks), SrpDataFormat.Direct, descriptors: new SrpDescriptor(va, key, blocks * 512));
            case 2: // a table in the request, or one that must be fetched
                var table = Command(client, Cdb.Write(5, 2), SrpDataFormat.Indirect, outCount: (byte)random.Next(3), descriptors: [new(va, key, 32), new(va, key, 512), new(va + 512, key, 512)]);
                table[SrpCommand.Length + 18] = 4; // 1024 bytes in all
                return table;
            case 3:
                var immediate = Command(client, Cdb.Write(5, 1), SrpDataFormat.Immediate, descriptors: new SrpDescriptor(0x0000_0200_0000_0000, default, 0));
                Array.Resize(ref immediate, 68 + 512);
                return immediate;
            case 4:
                var management = new byte[SrpTaskManagement.Length];
                new SrpTaskManagement(0, (ulong)random.Next(4), 0, (SrpTaskFunction)(1 << random.Next(7)), 0x77).Write(management);
                return management;
            default:
                var notice = new byte[SrpNotice.Length];
                new SrpNotice(random.Next(2) == 0 ? SrpOpcode.CreditResponse : SrpOpcode.AsyncEventResponse, 0, 0, (ulong)random.Next(3)).Write(notice);
                return notice;
        }
    }
}
