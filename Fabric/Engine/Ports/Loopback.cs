using Weft.Fabric.Execution;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Engine.Ports;

/// <summary>Frames from a port to itself: delivered in order, one for each turn of the executor.</summary>
internal sealed class Loopback(ILane lane, Action<Frame> deliver) : WorkItem
{
    private Frame? first, last;

    public void Send(Frame frame)
    {
        frame.Next = null;
        if (last is null) first = frame;
        else last.Next = frame;
        last = frame;
        if (!IsPosted) lane.Post(this);
    }

    public override void Run()
    {
        if (first is not { } frame) return;
        first = frame.Next;
        if (first is null) last = null;
        else lane.Post(this);
        frame.Next = null;
        deliver(frame);
    }
}
