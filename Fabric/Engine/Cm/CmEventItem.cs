using Weft.Fabric.Connections;
using Weft.Fabric.Execution;

namespace Weft.Fabric.Engine.Cm;

/// <summary>An event on its way to a consumer: waits in the lane of its id. Pooled by the connection manager.</summary>
internal sealed class CmEventItem(ConnectionManager manager) : WorkItem
{
    private byte[] data = [];
    private int length;

    public CmId? Id;
    public CmId? Listener;
    public CmEventType Type;
    public int Status;
    public ConnectionParameters? Parameters;
    public Qpn DatagramQpn;
    public QKey DatagramQKey;

    /// <summary>Copies the consumer's area of a message.</summary>
    public void SetPrivateData(ReadOnlySpan<byte> area)
    {
        if (data.Length < area.Length) data = new byte[Math.Max(area.Length, CmLimits.RepPrivateData)];
        area.CopyTo(data);
        length = area.Length;
    }

    public CmEvent ToEvent() =>
        new(Type, Id!, Listener, Status, data.AsMemory(0, length), Parameters, DatagramQpn, DatagramQKey);

    public void Clear()
    {
        (Id, Listener, Parameters, Status, length) = (null, null, null, 0, 0);
        (DatagramQpn, DatagramQKey) = (default, default);
    }

    public override void Run()
    {
        Id!.Deliver(this);
        manager.Return(this);
    }
}
