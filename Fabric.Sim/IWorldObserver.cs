using Weft.Fabric.Sim.Links;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim;

/// <summary>
/// Watches a world without touching it: captures, traces, checks. Frames are only lent; a copy is the observer's business.
/// A world without one pays a null test.
/// </summary>
public interface IWorldObserver
{
    /// <summary>A port was given a frame, before anything could happen to it.</summary>
    void OnFrameSent(LinkPort from, Frame frame, Instant at) { }
    /// <summary>A frame is about to be handed to what is attached to the port.</summary>
    void OnFrameDelivered(LinkPort to, Frame frame, Instant at) { }
    void OnFrameDropped(LinkPort from, Frame frame, DropReason reason, Instant at) { }
    /// <summary>An event of a node is about to run.</summary>
    void OnEvent(SimNode node, string source, ChoiceKind kind, Instant at) { }
    /// <summary>A choice of more than one alternative was answered.</summary>
    void OnChoice(in ChoicePoint point, int alternatives, int chosen, bool isOpen) { }
    void OnLinkState(SimLink link, bool isUp, Instant at) { }
}
