using Weft.Fabric.Execution;
using Weft.Fabric.Sim;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Wire;

namespace Weft.Scenarios.Runner;

/// <summary>Several watchers of one world.</summary>
internal sealed class ObserverChain : IWorldObserver
{
    private IWorldObserver[] observers = [];

    public void Add(IWorldObserver observer) => observers = [.. observers, observer];

    public void OnFrameSent(LinkPort from, Frame frame, Instant at)
    {
        foreach (var observer in observers) observer.OnFrameSent(from, frame, at);
    }

    public void OnFrameDelivered(LinkPort to, Frame frame, Instant at)
    {
        foreach (var observer in observers) observer.OnFrameDelivered(to, frame, at);
    }

    public void OnFrameDropped(LinkPort from, Frame frame, DropReason reason, Instant at)
    {
        foreach (var observer in observers) observer.OnFrameDropped(from, frame, reason, at);
    }

    public void OnEvent(SimNode node, string source, ChoiceKind kind, Instant at)
    {
        foreach (var observer in observers) observer.OnEvent(node, source, kind, at);
    }

    public void OnChoice(in ChoicePoint point, int alternatives, int chosen, bool isOpen)
    {
        foreach (var observer in observers) observer.OnChoice(point, alternatives, chosen, isOpen);
    }

    public void OnLinkState(SimLink link, bool isUp, Instant at)
    {
        foreach (var observer in observers) observer.OnLinkState(link, isUp, at);
    }
}
