using Weft.Fabric.Sim.Links;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim.Tests;

/// <summary>Writes down what a world does, as text lines and as one hash.</summary>
internal sealed class Tracer : IWorldObserver
{
    public List<string> Lines { get; } = [];
    public List<(string From, DropReason Reason)> Drops { get; } = [];
    public ulong Hash { get; private set; } = 14695981039346656037;

    public void OnFrameSent(LinkPort from, Frame frame, Instant at) => Add($"{at.Nanoseconds} sent {from.Name} {Convert.ToHexString(frame.Span)}");
    public void OnFrameDelivered(LinkPort to, Frame frame, Instant at) => Add($"{at.Nanoseconds} delivered {to.Name} {Convert.ToHexString(frame.Span)}");
    public void OnEvent(SimNode node, string source, ChoiceKind kind, Instant at) => Add($"{at.Nanoseconds} event {node.Name} {source} {kind}");
    public void OnChoice(in ChoicePoint point, int alternatives, int chosen, bool isOpen) => Add($"choice {point.Kind} {point.Subject} {alternatives} {chosen}");

    public void OnFrameDropped(LinkPort from, Frame frame, DropReason reason, Instant at)
    {
        Drops.Add((from.Name, reason));
        Add($"{at.Nanoseconds} dropped {from.Name} {reason}");
    }

    private void Add(string line)
    {
        Lines.Add(line);
        foreach (var letter in line) Hash = (Hash ^ letter) * 1099511628211;
    }
}
