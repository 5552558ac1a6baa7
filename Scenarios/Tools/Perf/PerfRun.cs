using System.Threading;
using Weft.Fabric.Connections;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;
using Weft.Protocol.Tools;
using Weft.Scenarios.Live;

namespace Weft.Scenarios.Tools.Perf;

/// <summary>
/// One run of a perftest program from greeting to goodbye, as client or server. Which handshakes there are, and when, differs from program to
/// program; a missing one leaves both sides waiting.
/// </summary>
internal sealed class PerfRun(LiveDevice device, PerfOptions options, PerfPrinter? printer)
{
    private readonly List<PerfReport> bandwidths = [];
    private readonly List<LatencyReport> latencies = [];
    private IPerfChannel? channel;
    private CmListener? listener;
    private PerfResources? resources;
    private PerfTalk talk = null!;
    private PerfLoad? load;

    /// <summary>The lines of the result.</summary>
    public IReadOnlyList<PerfReport> Bandwidths => bandwidths;
    public IReadOnlyList<LatencyReport> Latencies => latencies;

    /// <param name="host">Client: the server, by TCP, or its RDMA address through the CM. Server: what to listen on, or <c>null</c>.</param>
    /// <exception cref="IOException">The peer is not there, is another program, or goes away; a completion failed.</exception>
    /// <exception cref="VerbsException">The device refuses something.</exception>
    public async Task RunAsync(string? host, ushort port, CancellationToken cancel)
    {
        if (!options.IsClient) printer?.Waiting();
        channel = await OpenAsync(host, port, cancel);
        talk = new PerfTalk(channel, options.IsClient);
        var mtu = await talk.GreetAsync(options.Mtu);
        options = options.Within(mtu);
        resources = new PerfResources(device.Device, options);
        load = CreateLoad(resources);
        await ConnectAsync(host, port, mtu);
        printer?.Header();
        if (options.Verb == PerfVerb.Send || options.IsLatency && options.Verb == PerfVerb.Write || options.IsClient || options.IsBidirectional) await TestAsync();
        else if (!options.IsLatency) await HearResultAsync();
        if (!(options.IsLatency && options.Verb == PerfVerb.Write)) await talk.CloseAsync(resources.Own[0]);
        if (printer is not null) PerfPrinter.End();
        await resources.DisconnectAsync();
    }

    private PerfLoad CreateLoad(PerfResources made) => !options.IsLatency ? new BandwidthLoad(made) : options.Verb switch
    {
        PerfVerb.Send => new SendLatencyLoad(made),
        PerfVerb.Write => new WriteLatencyLoad(made),
        _ => new FetchLatencyLoad(made),
    };

    private async Task<IPerfChannel> OpenAsync(string? host, ushort port, CancellationToken cancel)
    {
        if (!options.UseCm)
        {
            return new PerfTcpChannel(options.IsClient
                ? await TcpChannel.ConnectAsync(device.Executor, host!, port, cancel)
                : await TcpChannel.AcceptAsync(device.Executor, host, port, () => Console.Error.WriteLine($"listening on TCP port {port}"), cancel));
        }
        if (options.IsClient) return await PerfCmChannel.ConnectAsync(device.Device, new CmConnection(device.Device, PortSpace.Tcp), EndpointText.Parse(host!, port));
        listener = new CmListener(device.Device, PortSpace.Tcp, host is null ? new IpEndpoint(default, port) : EndpointText.Parse(host, port), 1 + options.QueuePairs);
        Console.Error.WriteLine($"listening on {device.Endpoint(port)}");
        return await PerfCmChannel.AcceptAsync(device.Device, await listener.NextAsync());
    }

    private async Task ConnectAsync(string? host, ushort port, PathMtu mtu)
    {
        var made = resources!;
        if (options.UseCm)
        {
            await talk.HandshakeAsync(default);
            if (options.IsClient) await made.ConnectByCmAsync(EndpointText.Parse(host!, port));
            else await made.AcceptByCmAsync(listener!);
            await talk.HandshakeAsync(default);
        }
        else made.Create();
        made.Describe();
        printer?.Test(mtu);
        var isSend = options.Verb == PerfVerb.Send;
        if (options.IsLatency && !isSend) await talk.HandshakeAsync(made.Own[0]);
        for (var i = 0; i < options.QueuePairs; i++) made.Peers[i] = await talk.HandshakeAsync(made.Own[i]);
        if (!options.UseCm)
        {
            await ResolveAsync(made.Peers[0].Gid, port);
            made.Connect(mtu);
        }
        if (isSend) await talk.HandshakeAsync(made.Own[0]);
        for (var i = 0; i < options.QueuePairs; i++) printer?.Address("local", made.Own[i]);
        for (var i = 0; i < options.QueuePairs; i++)
        {
            await talk.HandshakeAsync(made.Own[i]);
            printer?.Address("remote", made.Peers[i]);
        }
        if (!isSend) await talk.HandshakeAsync(made.Own[0]);
    }

    // libibverbs asks for the peer's MAC address when a queue pair is connected. Packets that had to wait for it would soon be too many to keep,
    // and not everybody sends them again.
    private async Task ResolveAsync(Gid peer, ushort port)
    {
        if (peer.IsNone) return; // what follows says so
        var seeker = new CmConnection(device.Device, PortSpace.Udp);
        try
        {
            await seeker.ResolveAsync(new IpEndpoint(peer, port));
        }
        finally
        {
            seeker.Close();
        }
    }

    private async Task TestAsync()
    {
        var first = options.AllSizes ? 1 : 0;
        for (var bits = first; bits <= (options.AllSizes ? options.LastSizeBits : 0); bits++)
        {
            var isSend = options.Verb == PerfVerb.Send;
            load!.PostReceives();
            if (isSend || options.IsBidirectional) await talk.HandshakeAsync(resources!.Own[0]);
            await load.RunAsync(options.AllSizes ? 1 << bits : options.Size);
            if (load is BandwidthLoad bandwidth) await ReportAsync(bandwidth.Report());
            else
            {
                var report = ((LatencyLoad)load).Report();
                latencies.Add(report);
                printer?.Row(report);
            }
            if (options.AllSizes && !options.IsLatency && (isSend || options.IsBidirectional)) await talk.HandshakeAsync(resources!.Own[0]);
        }
        if (!options.IsLatency && options.Verb != PerfVerb.Send && !options.IsBidirectional)
        {
            await talk.HandshakeAsync(resources!.Own[0]);
            await talk.ExchangeAsync(bandwidths[^1]);
        }
    }

    private async Task ReportAsync(PerfReport report)
    {
        if (options.IsBidirectional && !(options.Verb == PerfVerb.Send && options.Seconds > 0)) report = report.Plus(await talk.ExchangeAsync(report));
        bandwidths.Add(report);
        if (printer is not null) PerfPrinter.Row(report);
    }

    // The server of a one-sided test does nothing but wait, and prints what the client measured.
    private async Task HearResultAsync()
    {
        await talk.HandshakeAsync(resources!.Own[0]);
        bandwidths.Add(await talk.ExchangeAsync(default(PerfReport)));
        if (printer is not null) PerfPrinter.Row(bandwidths[^1]);
    }

    /// <summary>Gives everything back, whatever was done so far; peers are told.</summary>
    public void Close()
    {
        load?.Fail("closed");
        listener?.Dispose();
        channel?.Dispose();
        resources?.Dispose();
    }
}
