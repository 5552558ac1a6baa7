using Weft.Fabric.Sim.Links;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim.Tests;

/// <summary>A receiver that keeps the number in each frame and when it came, and can send numbered frames.</summary>
internal sealed class Inbox : ILinkReceiver
{
    public readonly LinkPort Port;
    public readonly List<(int Number, long At)> Received = [];
    public readonly List<bool> States = [];
    public Action<int>? OnReceived { get; init; }

    public Inbox(LinkPort port)
    {
        Port = port;
        port.Attach(this);
    }

    public IEnumerable<int> Numbers => Received.Select(r => r.Number);

    public void OnFrame(Frame frame)
    {
        Received.Add((frame.Buffer[frame.Start + 14] | frame.Buffer[frame.Start + 15] << 8, Port.Node.Now.Nanoseconds));
        frame.Release();
        OnReceived?.Invoke(Received[^1].Number);
    }

    public void OnLinkState(bool isUp) => States.Add(isUp);

    public void Send(int number, MacAddress to, int length = 60) => Port.Send(Make(number, to, length));

    public void Send(int number, int length = 60) => Send(number, MacAddress.Broadcast, length);

    public Frame Make(int number, MacAddress to, int length = 60)
    {
        var frame = Port.Frames.Rent();
        frame.Start = 0;
        frame.End = length;
        frame.Span.Clear();
        to.Write(frame.Span);
        Port.SuggestedMac.Write(frame.Span[6..]);
        frame.Buffer[12] = 0x88;
        frame.Buffer[13] = 0xB5;
        frame.Buffer[14] = (byte)number;
        frame.Buffer[15] = (byte)(number >> 8);
        return frame;
    }
}
