using Weft.Fabric.Connections;
using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Tools.Rping;

/// <summary>rping -s for one client: reads the ping that is offered, says go ahead, writes it back, says go ahead again.</summary>
internal sealed class RpingServer(IRdmaDevice device, RpingOptions options, Action<string> output) : RpingEndpoint(device, options, output)
{
    private bool writing;
    private RpingAdvert advert;

    /// <summary>Takes over a connection request.</summary>
    public void Accept(ICmId id)
    {
        id.Handler = this;
        if (!Prepare(id)) return;
        Check(id.Accept(new ConnectionParameters { ResponderResources = 1, InitiatorDepth = 1 }));
    }

    public override void OnCmEvent(in CmEvent cmEvent)
    {
        switch (cmEvent.Type)
        {
            case CmEventType.Established:
                break;
            case CmEventType.Disconnected:
                Output("server DISCONNECT EVENT...");
                Id!.Disconnect();
                Finish();
                break;
            case CmEventType.TimewaitExit:
                break;
            default:
                Fail($"cma event {cmEvent.Type}, error {cmEvent.Status}");
                break;
        }
    }

    protected override void OnReceived()
    {
        if (!RpingAdvert.TryRead(Received, out advert) || advert.Size > (uint)Options.Size)
        {
            Fail($"advert of {advert.Size} bytes, the buffer has {Options.Size}");
            return;
        }
        if (!PostReceive()) return;
        Post(new SendRequest
        {
            Id = writing ? WriteId : ReadId,
            Opcode = writing ? WorkOpcode.RdmaWrite : WorkOpcode.RdmaRead,
            Flags = SendFlags.Signaled,
            RemoteAddress = advert.Address,
            Key = advert.Key,
        }, new Sge(BufferRegion!.Address, writing ? Math.Min(RpingPayload.Length(Buffer), advert.Size) : advert.Size, BufferRegion.LKey));
    }

    protected override void OnCompleted(ulong id)
    {
        switch (id)
        {
            case ReadId:
                if (Options.Verbose) Output($"server ping data: {RpingPayload.Text(Buffer)}");
                writing = true;
                Send(default);
                break;
            case WriteId:
                Pings++;
                writing = false;
                Send(default);
                break;
        }
    }
}
