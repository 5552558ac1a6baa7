using Weft.Fabric.Connections;
using Weft.Fabric.Verbs;
using Weft.Protocol.Cm;

namespace Weft.Scenarios.Tools.Rping;

/// <summary>rping -c: offers a ping, then a sink for the answer, and compares the two.</summary>
internal sealed class RpingClient(IRdmaDevice device, RpingOptions options, Action<string> output) : RpingEndpoint(device, options, output)
{
    private static readonly Duration ResolveTimeout = Duration.FromSeconds(2);
    private readonly byte[] start = new byte[options.Size];
    private IpEndpoint server;
    private IMemoryRegion? startRegion;
    private bool sinkOffered;

    public void Connect(IpEndpoint endpoint)
    {
        server = endpoint;
        Id = Device.ConnectionManager.CreateId(PortSpace.Tcp, this);
        Check(Id.ResolveAddress(endpoint, ResolveTimeout));
    }

    public override void OnCmEvent(in CmEvent cmEvent)
    {
        switch (cmEvent.Type)
        {
            case CmEventType.AddressResolved:
                Check(Id!.ResolveRoute(ResolveTimeout));
                break;
            case CmEventType.RouteResolved when Prepare(Id!):
                startRegion = Pd.Register(start, RemoteBuffer);
                Check(Id!.Connect(new ConnectionParameters { ResponderResources = 1, InitiatorDepth = 1 }));
                break;
            case CmEventType.Established:
                Ping();
                break;
            case CmEventType.Disconnected:
                Output("client DISCONNECT EVENT...");
                if (Options.Count != 0 && Pings < Options.Count) Fail("the server disconnected early");
                else Finish();
                break;
            case CmEventType.RouteResolved or CmEventType.TimewaitExit:
                break;
            default:
                Fail($"cma event {cmEvent.Type}, error {cmEvent.Status}, server {server}");
                break;
        }
    }

    private void Ping()
    {
        RpingPayload.Fill(start, Pings);
        sinkOffered = false;
        Send(new(startRegion!.Address, startRegion.RKey, (uint)start.Length));
    }

    protected override void OnReceived() // the server's go-ahead
    {
        if (!PostReceive()) return;
        if (!sinkOffered)
        {
            sinkOffered = true;
            Send(new(BufferRegion!.Address, BufferRegion.RKey, (uint)Buffer.Length));
            return;
        }
        if (Options.Validate && !Buffer.AsSpan().SequenceEqual(start))
        {
            Fail("data mismatch!");
            return;
        }
        if (Options.Verbose) Output($"ping data: {RpingPayload.Text(Buffer)}");
        if (++Pings == Options.Count) Check(Id!.Disconnect());
        else Ping();
    }

    protected override void OnCompleted(ulong id)
    {
    }

    protected override void ReleaseBuffers() => startRegion?.Deregister();
}
