using Weft.Fabric.Wire;
using Weft.Protocol.Ib;

namespace Weft.Fabric.Tests.Engine.Rig;

/// <summary>What becomes of a packet.</summary>
internal enum Fate
{
    Deliver,
    Drop,
    /// <summary>Delivered twice in a row.</summary>
    Duplicate,
    /// <summary>Delivered after the next one (or alone, when none follows).</summary>
    Swap,
    /// <summary>Delivered, and once more after everything else that is under way.</summary>
    Echo,
}

/// <summary>A packet as the wire saw it.</summary>
internal readonly record struct Seen(int Index, string From, BthOpcode Opcode, Psn Psn, bool AckRequest, byte Syndrome, uint Msn, int Payload, Qpn DestQp)
{
    public override string ToString() =>
        $"{From} {OpcodeInfo.NameOf(Opcode)[3..]} {Psn.Value}{(AckRequest ? " A" : "")}{(OpcodeInfo.Of(Opcode).HasAeth ? $" syn={Syndrome:x2} msn={Msn}" : "")}{(Payload > 0 ? $" [{Payload}]" : "")}";
}

/// <summary>Joins ports. Packets go in one queue; the test decides the fate of each.</summary>
internal sealed class TestWire
{
    private readonly List<(string Name, TestPort Port)> ports = [];
    private readonly Queue<(TestPort From, Frame Frame, Gid To)> queue = new();
    private int index;

    public FramePool Pool { get; } = new();
    /// <summary>Asked once for each packet when it is sent.</summary>
    public Func<Seen, Fate>? Policy { get; set; }
    /// <summary>Changes a packet's bytes, BTH to ICRC, before it is delivered.</summary>
    public Action<Seen, byte[], int>? Tamper { get; set; }
    public bool IsLogging { get; set; } = true;
    public List<Seen> Log { get; } = [];
    public int InFlight => queue.Count;

    public void Add(string name, TestPort port) => ports.Add((name, port));

    public void Accept(TestPort from, Frame frame, Gid to)
    {
        if (!IsLogging && Policy is null)
        {
            queue.Enqueue((from, frame, to));
            return;
        }
        var seen = Describe(from, frame);
        if (IsLogging) Log.Add(seen);
        Tamper?.Invoke(seen, frame.Buffer, Frame.TransportOffset);
        switch (Policy?.Invoke(seen) ?? Fate.Deliver)
        {
            case Fate.Drop:
                frame.Release();
                break;
            case Fate.Duplicate:
                queue.Enqueue((from, frame, to));
                queue.Enqueue((from, Pool.Copy(frame), to));
                break;
            case Fate.Swap:
                swapped.Add((from, frame, to));
                return;
            case Fate.Echo:
                queue.Enqueue((from, frame, to));
                echoes.Enqueue((from, Pool.Copy(frame), to));
                break;
            default:
                queue.Enqueue((from, frame, to));
                break;
        }
        for (var i = 0; i < swapped.Count;)
        {
            if (swapped[i].From != from) { i++; continue; }
            queue.Enqueue(swapped[i]);
            swapped.RemoveAt(i);
        }
    }

    private readonly List<(TestPort From, Frame Frame, Gid To)> swapped = [];
    private readonly Queue<(TestPort From, Frame Frame, Gid To)> echoes = new();

    /// <summary>Delivers the next packet; false when none is under way.</summary>
    public bool DeliverOne()
    {
        if (queue.Count == 0)
        {
            if (swapped.Count > 0)
            {
                queue.Enqueue(swapped[0]);
                swapped.RemoveAt(0);
            }
            else if (echoes.TryDequeue(out var echo)) queue.Enqueue(echo);
            else return false;
        }
        var (from, frame, to) = queue.Dequeue();
        Deliver(from, frame, to);
        frame.Release();
        return true;
    }

    private void Deliver(TestPort from, Frame frame, Gid to)
    {
        foreach (var (_, port) in ports)
            if (port.Gid == to || (to.IsMulticast && port != from)) port.Deliver(frame, from.Gid, to);
    }

    /// <summary>A packet of the test's own making, from one port to another, at once.</summary>
    public void Inject(TestPort from, TestPort to, ReadOnlySpan<byte> transport)
    {
        var frame = Pool.Rent();
        transport.CopyTo(frame.Buffer.AsSpan(Frame.TransportOffset));
        frame.End = Frame.TransportOffset + transport.Length;
        to.Deliver(frame, from.Gid, to.Gid);
        frame.Release();
    }

    private Seen Describe(TestPort from, Frame frame)
    {
        TransportPacket.TryParse(frame.Transport, out var packet);
        var aeth = packet.Info.HasAeth ? packet.Aeth : default;
        return new(index++, NameOf(from), packet.Opcode, packet.Psn, packet.AckRequest, aeth.Syndrome, aeth.Msn, packet.PayloadLength, packet.DestQp);
    }

    private string NameOf(TestPort port)
    {
        foreach (var (name, candidate) in ports)
            if (candidate == port) return name;
        return "?";
    }
}
