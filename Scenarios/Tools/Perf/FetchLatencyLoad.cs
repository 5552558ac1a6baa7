namespace Weft.Scenarios.Tools.Perf;

/// <summary>One READ or atomic after another; the server does nothing.</summary>
internal sealed class FetchLatencyLoad(PerfResources resources) : LatencyLoad(resources)
{
    protected override void Advance()
    {
        if (Window?.IsOver(Now) ?? (!HasMore && !IsSending)) Finish();
        else if (HasMore && !IsSending) Send();
    }
}
