using Weft.Fabric.Verbs;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iser;
using Weft.Target.Rdma;

namespace Weft.Target.Iser;

/// <summary>Room for one message of the target: headers and data segment.</summary>
internal sealed class SendBuffer(RegisteredRegion region, int offset, int dataCapacity)
{
    public static int LengthFor(int dataCapacity) => IserMessage.HeadersLength + ((dataCapacity + 3) & ~3);

    public Span<byte> Data => region.Memory.AsSpan(offset + IserMessage.HeadersLength, dataCapacity);

    /// <summary>Writes the headers in front of the data and returns the whole message, padded with zeros as open-iscsi and LIO do.</summary>
    public Sge Compose(in Bhs header)
    {
        var message = region.Memory.AsSpan(offset);
        IserHeader.Plain.Write(message);
        header.Write(message[IserHeader.Length..]);
        var padded = header.PaddedDataLength;
        message.Slice(IserMessage.HeadersLength + header.DataSegmentLength, padded - header.DataSegmentLength).Clear();
        return region.Sge(offset, IserMessage.HeadersLength + padded);
    }
}
