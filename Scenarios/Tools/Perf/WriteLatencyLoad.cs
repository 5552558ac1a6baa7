namespace Weft.Scenarios.Tools.Perf;

/// <summary>RDMA WRITEs to and fro, whose last byte counts; each side watches its memory. The server begins, as perftest's does.</summary>
internal sealed class WriteLatencyLoad(PerfResources resources) : LatencyLoad(resources)
{
    private int received;

    protected override void Begin()
    {
        base.Begin();
        received = 0;
    }

    protected override void Advance()
    {
        if (received < Sent + (Options.IsClient ? 1 : 0) && Resources.Memory[Resources.ReceiveOffset(0) + Size - 1] == (byte)(received + 1)) received++;
        if (Window?.IsOver(Now) ?? (!HasMore && !IsSending && received == Options.Iterations)) Finish();
        else if (HasMore && !IsSending && received >= Sent + (Options.IsClient ? 1 : 0))
        {
            Resources.Memory[Resources.SendOffset(0) + Size - 1] = (byte)(Sent + 1);
            Send();
        }
    }
}
