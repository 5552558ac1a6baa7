using Weft.Fabric.Connections;
using Weft.Scenarios.Runner;
using Weft.Scenarios.Tools.Rping;

namespace Weft.Scenarios.Catalog;

/// <summary>rping: connect, RDMA READ, RDMA WRITE and SENDs back and forth, disconnect.</summary>
internal sealed class RpingScenario : Scenario
{
    private static readonly Setting Count = new("count", 10, 1, 100_000, "pings", "Pings of each client.");
    private static readonly Setting Size = new("size", 64, RpingOptions.MinSize, RpingOptions.MaxSize, "bytes", "Bytes of one ping.");
    private static readonly Setting Clients = new("clients", 1, 1, 200, "hosts", "Clients at once.");

    public override string Name => "rping";
    public override string Claim => "Every ping that a client offers is read, written back unchanged, and the connection ends cleanly.";
    public override string Source => "librdmacm examples/rping.c; IBA 9.7";
    public override string? NotLive => null;
    public override string CaptureAt => "server";
    public override IReadOnlyList<Setting> Settings { get; } = [Count, Size, Clients, .. CommonSettings.Links];

    public override async Task RunAsync(ScenarioWorld world)
    {
        var options = new RpingOptions((int)world.Settings.Get(Count), (int)world.Settings.Get(Size));
        var host = world.AddHost("server");
        var listener = new RpingListener(host.Device, options);
        listener.Listen(host.Endpoint(RpingOptions.DefaultPort));

        var clients = new List<RpingClient>();
        for (var i = 1; i <= world.Settings.Get(Clients); i++) clients.Add(new RpingClient(world.AddHost($"client{i}").Device, options, _ => { }));
        foreach (var client in clients) client.Connect(host.Endpoint(RpingOptions.DefaultPort));

        await RpingEnds.WaitAsync(world, clients, "every client to finish");
        foreach (var client in clients)
        {
            world.Claim(client.Failure is null || world.Network.MayCutConnections, "rping", Source, $"every ping comes back, but: {client.Failure}");
            if (client.Failure is not null) world.Saw("a client gave up, as it may where frames are lost");
            else world.Claim(client.Pings == options.Count, "rping-count", Source, $"{options.Count} pings are done, and were {client.Pings}");
        }
        await RpingEnds.WaitAsync(world, listener.Servers, "every server to finish");
        foreach (var server in listener.Servers)
            world.Claim(server.Failure is null || world.Network.MayCutConnections, "rping", Source, $"the server serves every ping, but: {server.Failure}");
        listener.Close();
    }
}
