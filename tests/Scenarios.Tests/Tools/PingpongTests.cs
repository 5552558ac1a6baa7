using Weft.Fabric.Verbs;
using Weft.Scenarios.Tools.Pingpong;

namespace Weft.Scenarios.Tests.Tools;

/// <summary>Both sides of a pingpong, which are told each other's addresses by the test.</summary>
public class PingpongTests
{
    [Theory]
    [InlineData("ReliableConnected", false, 5000, true)]
    [InlineData("UnreliableConnected", false, 1, false)]
    [InlineData("UnreliableDatagram", false, 1024, true)]
    [InlineData("ReliableConnected", true, 3000, false)]
    public void Every_message_is_answered_with_its_bytes(string type, bool isShared, int size, bool useEvents)
    {
        using var pair = new LinkedPair();
        var options = new PingpongOptions(Enum.Parse<QpType>(type), isShared, size, PathMtu.Mtu1024, 30, 500, isShared ? 4 : 1, useEvents, 1, Validate: true);
        var server = new PingpongEndpoint(pair.A.Device, options, isClient: false);
        var client = new PingpongEndpoint(pair.B.Device, options, isClient: true);
        server.Connect(client.Own.ToArray());
        client.Connect(server.Own.ToArray());
        pair.Run(() => Play(server), () => Play(client));
        Assert.True(server.Received >= 500 && client.Received >= 500, $"{server.Received}, {client.Received}");
        server.Close();
        client.Close();
        for (var i = 0; i < 50; i++) pair.Turn();
        Assert.Equal(default, pair.A.Device.Resources);
        Assert.Equal(default, pair.B.Device.Resources);
    }

    [Fact]
    public void Damaged_data_is_noticed()
    {
        using var pair = new LinkedPair();
        var options = new PingpongOptions(QpType.ReliableConnected, false, 100, PathMtu.Mtu1024, 10, 5, 1, false, 1, Validate: true);
        var server = new PingpongEndpoint(pair.A.Device, options, isClient: false);
        // This client fills its pages as one does that was not told to validate.
        var client = new PingpongEndpoint(pair.B.Device, options with { Validate = false }, isClient: true);
        server.Connect(client.Own.ToArray());
        client.Connect(server.Own.ToArray());
        var failure = Assert.Throws<IOException>(() => pair.Run(() => Play(server), () => Play(client)));
        Assert.Equal("invalid data in page 0: byte 0 of message 1 is 0x7b", failure.Message);
        server.Close();
        client.Close();
    }

    private static async Task Play(PingpongEndpoint endpoint)
    {
        endpoint.Start();
        await endpoint.Finished;
    }
}
