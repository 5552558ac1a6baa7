using Weft.Fabric.Connections;
using Weft.Fabric.Execution;
using Weft.Fabric.Verbs;
using Weft.Initiator;
using Weft.Initiator.Srp;
using Weft.Protocol.Srp;
using Weft.Target.Sessions;
using Weft.Target.Srp;
using TargetChannel = Weft.Target.Srp.SrpChannel;

namespace Weft.Races.Tests.Srp;

/// <summary>Takes commands up before the channel is live.</summary>
internal sealed class HandlesBeforeLive(SrpPort port, ICmId id, SrpLoginRequest login, string name) : TargetChannel(port, id, login, name)
{
    private protected override bool MustWait(bool isLive, bool areOthersWaiting, bool hasContext) => !hasContext;
}

/// <summary>Takes waiting requests up one at a time, and lets others overtake them. SCST 91358f846.</summary>
internal sealed class LetsOthersOvertake(SrpPort port, ICmId id, SrpLoginRequest login, string name) : TargetChannel(port, id, login, name)
{
    private readonly ILane lane = port.Target.Executor.CreateLane("srp wait list", ChoiceKind.Dispatch);

    private protected override bool MustWait(bool isLive, bool areOthersWaiting, bool hasContext) => !isLive || !hasContext;

    private protected override void TakeWaiting()
    {
        if (TakeOneWaiting()) lane.Post(new Next(this));
    }

    private sealed class Next(LetsOthersOvertake channel) : WorkItem
    {
        public override void Run() => channel.TakeWaiting();
    }
}

/// <summary>Takes a request up although there is no context for it.</summary>
internal sealed class NeedsNoContext(SrpPort port, ICmId id, SrpLoginRequest login, string name) : TargetChannel(port, id, login, name)
{
    private protected override bool MustWait(bool isLive, bool areOthersWaiting, bool hasContext) => !isLive;
}

/// <summary>Takes logins as soon as it listens, enabled or not, and as long as it does. SCST 47183f2b1, 2553057f7, 59f48c1f3.</summary>
internal class TakesAllLogins(SrpTarget target, IRdmaDevice device) : SrpPort(target, device)
{
    private protected override bool AcceptsLogins => true;
}

/// <summary>Goes on listening while it is removed. SCST 2553057f7.</summary>
internal sealed class ListensToTheLast(SrpTarget target, IRdmaDevice device) : TakesAllLogins(target, device)
{
    public override void StopListening()
    {
        if (!Target.IsStopping || Target.Channels.Count == 0 && hasBeenAsked) base.StopListening();
        hasBeenAsked = true;
    }

    private bool hasBeenAsked;
}

/// <summary>After a failed accept the flushed receives tear the channel down once more. SCST 183ef8273.</summary>
internal sealed class ClosesForEachReason(SrpPort port, ICmId id, SrpLoginRequest login, string name) : TargetChannel(port, id, login, name)
{
    private protected override bool MayClose => State < SrpChannelState.Closed;
}

/// <summary>The last event of the connection counts for its completions too. SCST 807ae45a7.</summary>
internal sealed class TrustsTheLastEvent(SrpPort port, ICmId id, SrpLoginRequest login, string name) : TargetChannel(port, id, login, name)
{
    private protected override bool IsDrained => base.IsDrained || IsPeerGone;
}

/// <summary>Gives a channel on a shared receive queue back without the last-WQE event. SCST 1c358f422.</summary>
internal sealed class TrustsTheSendMarker(SrpPort port, ICmId id, SrpLoginRequest login, string name) : TargetChannel(port, id, login, name)
{
    private protected override bool IsDrained => AreSendsDrained;
    private protected override bool IsPeerGone => true;
}

/// <summary>Gives the CM id back while the queue pair is in use. SCST 6e55334a9.</summary>
internal sealed class FreesBeforeTheDrain(SrpPort port, ICmId id, SrpLoginRequest login, string name) : TargetChannel(port, id, login, name)
{
    private protected override bool IsDrained => true;
}

/// <summary>Waits for the peer whatever happens. SCST 8995f1c24.</summary>
internal sealed class WaitsForThePeer(SrpPort port, ICmId id, SrpLoginRequest login, string name) : TargetChannel(port, id, login, name)
{
    private protected override bool IsPeerGone => IsConnectionOver;
}

/// <summary>A transfer is done when its last part is, whatever became of the others. SCST 8681a0124.</summary>
internal sealed class HandsPartsOn(SrpPort port, ICmId id, SrpLoginRequest login, string name) : TargetChannel(port, id, login, name)
{
    private protected override bool FailsWithPart => false;

    private protected override void OnPostRefused(VerbsError error)
    {
    }

    private protected override void OnWorkFailed()
    {
    }
}

/// <summary>A word for each flush. SCST ed07ec49a.</summary>
internal sealed class TellsEachFlush(SrpPort port, ICmId id, SrpLoginRequest login, string name) : TargetChannel(port, id, login, name)
{
    private protected override void OnFlushed()
    {
        base.OnFlushed();
        Port.Target.Observer?.ChannelClosing(this, CloseReason.TransportError);
    }
}

/// <summary>Commands of a new channel do not wait for those of the one that it replaces.</summary>
internal sealed class ForgetsItsPredecessor(SrpPort port, ICmId id, SrpLoginRequest login, string name) : TargetChannel(port, id, login, name)
{
    private protected override bool MustOutlive(TargetChannel other) => false;
}

/// <summary>A command is over with the first of its work requests that comes back.</summary>
internal sealed class EndsWithTheFirstHalf(SrpPort port, ICmId id, SrpLoginRequest login, string name) : TargetChannel(port, id, login, name)
{
    private protected override bool MayEnd(int pendingWork) => true;
}

/// <summary>The abort is answered while RDMA of the command is still posted. SCST 33a4bccc3.</summary>
internal sealed class AnswersAbortTooEarly(SrpPort port, ICmId id, SrpLoginRequest login, string name) : TargetChannel(port, id, login, name)
{
    private protected override bool MayStopNow(bool hasForgotten, int pendingMoves) => true;
}

/// <summary>Commands of a lost connection wait for it as long as it takes, instead of going over another path.</summary>
internal sealed class NeverFailsFast(IRdmaDevice device, string name) : InitiatorHost(device, name)
{
    internal override SrpSession CreateSession(SrpAddTarget target, SrpOptions options) => base.CreateSession(target, options with { FastIoFailTimeout = Duration.Infinite });
}
