using Weft.Fabric.Capture;
using Weft.Fabric.Connections;
using Weft.Fabric.Engine;
using Weft.Fabric.Engine.Ports;
using Weft.Fabric.Hw;
using Weft.Fabric.Hw.Linux;
using Weft.Fabric.Verbs;
using Weft.Fabric.Wire;
using Weft.Protocol.Capture;

namespace Weft.Scenarios.Live;

/// <summary>A device on a real link, and the loop that runs it.</summary>
internal sealed class LiveDevice : IDisposable
{
    private readonly Stream? file;
    private readonly PcapngWriter? writer;
    private readonly ImpairedLink? impaired;
    private readonly UdpPortGuard? guard;
    private readonly LinkSwitch? linkSwitch;

    /// <param name="capture">Where every frame is written to, as the device sees it: what it sent even if the bad wire lost it, and what reached it.</param>
    /// <param name="typeOfService">Traffic class of the connections that we make.</param>
    /// <param name="guard">Keeps the host's stack quiet where the addresses are its own.</param>
    public LiveDevice(IPolledLink link, RocePortOptions port, Impairments? impairments = null, Stream? capture = null, UdpPortGuard? guard = null, byte typeOfService = 0)
    {
        Addresses = port.Addresses;
        this.guard = guard;
        Executor = new HwExecutor("weft0");
        Executor.Add(link);
        file = capture;
        if (capture is not null) writer = new PcapngWriter(capture);
        if (impairments is not null)
        {
            impaired = new ImpairedLink(link, Executor, impairments);
            linkSwitch = new LinkSwitch(Executor, impaired);
        }
        var wire = CaptureTap.Around((ILink?)impaired ?? link, Executor, writer);
        Device = RoceDevice.Create(Executor, new RoceDeviceOptions { Name = "weft0", Ports = [port], TypeOfService = typeOfService }, wire);
    }

    public HwExecutor Executor { get; }
    public IRdmaDevice Device { get; }
    public IReadOnlyList<PortAddress> Addresses { get; }

    /// <summary>Our first address, with a port.</summary>
    public IpEndpoint Endpoint(ushort port) => new(Addresses[0].Address, port);

    public void Dispose()
    {
        linkSwitch?.Dispose();
        Executor.Dispose();
        guard?.Dispose();
        if (impaired is not null) Console.Error.WriteLine($"impaired: {impaired}");
        writer?.Flush();
        file?.Dispose();
    }
}
