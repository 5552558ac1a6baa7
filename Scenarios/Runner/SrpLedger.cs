using Weft.Protocol.Srp;
using Weft.Target.Sessions;
using Weft.Target.Srp;

namespace Weft.Scenarios.Runner;

/// <summary>Keeps count of what an SRP target takes and gives back.</summary>
internal sealed class SrpLedger : SrpObserver
{
    private readonly SrpTargetNode target;
    private readonly HashSet<SrpChannel> closing = [], gone = [];

    public SrpLedger(SrpTargetNode target)
    {
        this.target = target;
        foreach (var channel in target.Software.Channels.Where(c => c.State >= SrpChannelState.Draining)) Closing(channel, channel.Reason);
        target.Software.Observer = this;
    }

    public int Accepted { get; private set; }
    public int Live { get; private set; }
    public int Released { get; private set; }
    public int Held { get; private set; }
    public int Overdue { get; private set; }
    public List<SrpLoginRejectReason> Refusals { get; } = [];
    /// <summary>Why channels began to close, in order.</summary>
    public List<CloseReason> Closings { get; } = [];
    /// <summary>When the first channel began to close, on the target's clock.</summary>
    public Instant FirstClosing { get; private set; } = Instant.Never;
    /// <summary>Whether a channel said more than once that it closes.</summary>
    public bool HasClosedTwice { get; private set; }
    /// <summary>Whether a channel was given back more often than taken.</summary>
    public bool HasFreedTwice { get; private set; }
    public Action<int>? OnReleased { get; set; }

    public override void LoginRefused(string initiator, SrpLoginRequest? login, SrpLoginRejectReason reason) => Refusals.Add(reason);
    public override void ChannelAccepted(SrpChannel channel) => Accepted++;
    public override void ChannelLive(SrpChannel channel) => Live++;
    public override void RequestHeld(SrpChannel channel) => Held++;
    public override void CompletionOverdue(SrpChannel channel) => Overdue++;

    public override void ChannelClosing(SrpChannel channel, CloseReason reason)
    {
        if (Closings.Count == 0) FirstClosing = target.Host.Node.Now;
        Closing(channel, reason);
    }

    private void Closing(SrpChannel channel, CloseReason reason)
    {
        Closings.Add(reason);
        HasClosedTwice |= !closing.Add(channel);
    }

    public override void ChannelReleased(SrpChannel channel)
    {
        Released++;
        HasFreedTwice |= !gone.Add(channel);
        OnReleased?.Invoke(Released);
    }

    /// <summary>Claims that each channel closed once and was given back once, and that nothing is in the command core for those that are gone.</summary>
    /// <param name="before">Channels that there were before the ledger was opened.</param>
    public void ClaimBalance(ScenarioWorld world, string spec, int before = 0)
    {
        var open = target.Software.Channels.Count;
        world.Claim(!HasFreedTwice, "freed-once", spec, "a channel is given back once");
        world.Claim(before + Accepted - Released == open, "freed-once", spec, $"{before + Accepted} channels were accepted and {Released} given back, so {before + Accepted - Released} are left, and are {open}");
        // One that the network cut or made up may be on its way out at any time.
        var leaving = target.Software.Channels.Count(c => c.State >= SrpChannelState.Draining);
        world.Claim(leaving == 0 || world.Network.HasMeddled, "closed-once", spec, $"channels that close are gone, and {leaving} are not");
        world.Claim(!HasClosedTwice && Closings.Count == Released + leaving, "closed-once", spec, $"each of {Released} channels that are gone closed once; closings: {string.Join(", ", Closings)}");
        var nexuses = target.Units.Nexuses.Count;
        world.Claim(nexuses <= open && nexuses >= open - leaving, "nexus-closed", spec, $"the command core has a nexus for each of {open} channels, and has {nexuses}");
    }
}
