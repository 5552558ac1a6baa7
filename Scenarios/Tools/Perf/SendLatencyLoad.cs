namespace Weft.Scenarios.Tools.Perf;

/// <summary>SENDs to and fro; the client begins.</summary>
internal sealed class SendLatencyLoad(PerfResources resources) : LatencyLoad(resources)
{
    private int received, receivesPosted;

    public override void PostReceives()
    {
        for (receivesPosted = 0; receivesPosted < Options.ReceiveDepth; receivesPosted++) PostReceive(0);
    }

    protected override void Begin()
    {
        base.Begin();
        received = 0;
    }

    protected override void OnReceived(int index)
    {
        received++;
        if (Window is null && receivesPosted >= Options.Iterations) return;
        receivesPosted++;
        PostReceive(0);
    }

    protected override void Advance()
    {
        if (Window?.IsOver(Now) ?? (!HasMore && !IsSending && received == Options.Iterations)) Finish();
        else if (HasMore && !IsSending && received >= Sent + (Options.IsClient ? 0 : 1)) Send();
    }
}
