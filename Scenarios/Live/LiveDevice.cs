using Weft.Fabric.Connections;
using Weft.Fabric.Engine;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Hw;
using Weft.Fabric.Hw.Linux;
using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Live;

/// <summary>A device on a real link, and the loop that runs it.</summary>
internal sealed class LiveDevice : IDisposable
{
    private readonly SocketLink link;

    public LiveDevice(SocketLink link, MacAddress mac, IReadOnlyList<PortAddress> addresses)
    {
        this.link = link;
        Addresses = addresses;
        Executor = new HwExecutor("weft0");
        Executor.Add(link);
        Device = RoceDevice.Create(Executor, new RoceDeviceOptions { Name = "weft0", Ports = [new() { Mac = mac, Addresses = addresses }] }, link);
    }

    public HwExecutor Executor { get; }
    public IRdmaDevice Device { get; }
    public IReadOnlyList<PortAddress> Addresses { get; }

    /// <summary>Our first address, with a port.</summary>
    public IpEndpoint Endpoint(ushort port) => new(Addresses[0].Address, port);

    public void Dispose() => Executor.Dispose();
}
