using Weft.Fabric.Verbs;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iser;
using Weft.Target.Rdma;
using Weft.Target.Sessions;

namespace Weft.Target.Iser;

/// <summary>One posted receive buffer, and the message in it.</summary>
internal sealed class ReceiveSlot(RegisteredRegion region, int offset, int length, int index) : ReceivedPdu
{
    private int dataStart, dataLength;

    public int Index { get; } = index;
    public Sge Sge { get; } = region.Sge(offset, length);
    public IserHeader Header { get; private set; }
    /// <summary>With the device.</summary>
    public bool IsPosted;
    /// <summary>Bytes of a message that waits for the connection to be established.</summary>
    public int HeldLength;

    public override ReadOnlySpan<byte> Ahs => region.Memory.AsSpan(offset + IserMessage.HeadersLength, Bhs.AhsLength);
    public override Memory<byte> Data => region.Memory.AsMemory(dataStart, dataLength);

    /// <summary>Reads the message that arrived.</summary>
    public Violation? Read(int received)
    {
        if (IserMessage.TryRead(region.Memory.AsSpan(offset, received), out var message) is { } violation) return violation;
        Header = message.Header;
        if (!Header.IsControl) return new("iser-hello", "RFC 7145 §5.1", "Hello was not negotiated");
        Bhs = message.Pdu.Bhs;
        dataStart = offset + IserMessage.HeadersLength + Bhs.AhsLength;
        dataLength = Bhs.DataSegmentLength;
        return null;
    }
}
