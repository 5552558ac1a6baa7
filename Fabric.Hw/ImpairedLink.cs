using Weft.Fabric.Execution;
using Weft.Fabric.Wire;
using Timer = Weft.Fabric.Execution.Timer;

namespace Weft.Fabric.Hw;

/// <summary>
/// A link around a live link that loses, repeats and reorders frames of both directions, drawn from a seed: a bad wire against a real peer.
/// The draws are the same for the same seed; which frame meets which draw is the peer's timing. It can be cut, and joined again.
/// </summary>
public sealed class ImpairedLink : ILink, ILinkReceiver
{
    /// <summary>A frame that nothing passes goes on by itself after so long.</summary>
    private static readonly Duration LongestHold = Duration.FromMilliseconds(2);

    private readonly ILink inner;
    private readonly Impairments impairments;
    private readonly Direction outbound, inbound;
    private ILinkReceiver? receiver;
    private ulong state;

    public ImpairedLink(ILink inner, IExecutor executor, Impairments impairments)
    {
        (this.inner, this.impairments, state) = (inner, impairments, impairments.Seed);
        outbound = new(this, executor, "held outbound", inner.Send);
        inbound = new(this, executor, "held inbound", frame => receiver!.OnFrame(frame));
    }

    public string Name => inner.Name;
    public LinkType Type => inner.Type;
    public int Mtu => inner.Mtu;
    public bool IsUp => inner.IsUp;
    public FramePool Frames => inner.Frames;

    /// <summary>Frames of both directions, and what became of them.</summary>
    public long Seen { get; private set; }
    public long Lost { get; private set; }
    public long Duplicated { get; private set; }
    public long Reordered { get; private set; }

    /// <summary>While it is cut, every frame of both directions is lost. Neither end is told: it is a cable pulled behind a switch.</summary>
    public bool IsCut { get; set; }

    public void Attach(ILinkReceiver linkReceiver)
    {
        receiver = linkReceiver;
        inner.Attach(this);
    }

    public void Send(Frame frame) => outbound.Pass(frame);
    public void OnFrame(Frame frame) => inbound.Pass(frame);
    public void OnLinkState(bool isUp) => receiver!.OnLinkState(isUp);

    public override string ToString() => $"{Seen} frames, {Lost} lost, {Duplicated} duplicated, {Reordered} reordered";

    // splitmix64, a value per question.
    private bool Hits(int ppm)
    {
        if (ppm == 0) return false;
        var z = state += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ z >> 30) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ z >> 27) * 0x94D0_49BB_1331_11EB;
        return (z ^ z >> 31) % 1_000_000 < (ulong)ppm;
    }

    private sealed class Direction
    {
        private readonly ImpairedLink link;
        private readonly IExecutor executor;
        private readonly Action<Frame> deliver;
        private readonly Timer timer;
        private Frame? held;

        public Direction(ImpairedLink link, IExecutor executor, string name, Action<Frame> deliver)
        {
            (this.link, this.executor, this.deliver) = (link, executor, deliver);
            timer = executor.CreateTimer(name, LetGo);
        }

        public void Pass(Frame frame)
        {
            link.Seen++;
            if (link.IsCut || link.Hits(link.impairments.LossPpm))
            {
                link.Lost++;
                frame.Release();
                return;
            }
            var again = link.Hits(link.impairments.DuplicatePpm) ? link.inner.Frames.Copy(frame) : null;
            if (held is null && link.Hits(link.impairments.ReorderPpm))
            {
                link.Reordered++;
                held = frame;
                timer.Arm(executor.Now + LongestHold);
            }
            else
            {
                deliver(frame);
                LetGo();
            }
            if (again is null) return;
            link.Duplicated++;
            deliver(again);
        }

        private void LetGo()
        {
            if (held is not { } frame) return;
            held = null;
            timer.Cancel();
            deliver(frame);
        }
    }
}
