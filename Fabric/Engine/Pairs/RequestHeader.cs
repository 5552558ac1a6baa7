using Weft.Fabric.Verbs;
using Weft.Protocol.Ib;
using static Weft.Protocol.Ib.BthOpcode;

namespace Weft.Fabric.Engine.Pairs;

/// <summary>BTH and extended headers of SEND and WRITE packets, the same for RC and UC but for the service bits. IBA Vol 1 §9.4.1, §9.4.3.</summary>
internal static class RequestHeader
{
    /// <param name="service">Top three bits of the opcode.</param>
    /// <returns>Offset of the payload.</returns>
    public static int Write(
        Span<byte> target, QueuePair qp, in SendRequest request, uint length, bool first, bool last, Psn psn, bool ask, TransportService service)
    {
        var solicited = last && (request.Flags & SendFlags.Solicited) != 0;
        var destination = qp.Attributes.DestinationQpn;
        var pkey = qp.PKey;
        switch (request.Opcode)
        {
            case WorkOpcode.Send:
            case WorkOpcode.SendWithImmediate when !last:
            case WorkOpcode.SendWithInvalidate when !last:
                return TransportBuilder.Plain(target, Of(service, first ? last ? RcSendOnly : RcSendFirst : last ? RcSendLast : RcSendMiddle), pkey, destination, psn, ask, solicited);
            case WorkOpcode.SendWithImmediate:
                return TransportBuilder.Immediate(
                    target, Of(service, first ? RcSendOnlyImmediate : RcSendLastImmediate), pkey, destination, psn, ask, solicited, request.Immediate);
            case WorkOpcode.SendWithInvalidate:
                return TransportBuilder.Invalidate(
                    target, Of(service, first ? RcSendOnlyInvalidate : RcSendLastInvalidate), pkey, destination, psn, ask, solicited, request.Key);
            case WorkOpcode.RdmaWriteWithImmediate when last && first:
                return TransportBuilder.RdmaImmediate(
                    target, Of(service, RcWriteOnlyImmediate), pkey, destination, psn, ask, solicited, new(request.RemoteAddress, request.Key, length), request.Immediate);
            case WorkOpcode.RdmaWriteWithImmediate when last:
                return TransportBuilder.Immediate(target, Of(service, RcWriteLastImmediate), pkey, destination, psn, ask, solicited, request.Immediate);
            default: // RDMA WRITE; the solicited bit has no meaning without immediate data
                return first
                    ? TransportBuilder.Rdma(
                        target, Of(service, last ? RcWriteOnly : RcWriteFirst), pkey, destination, psn, ask, new(request.RemoteAddress, request.Key, length))
                    : TransportBuilder.Plain(target, Of(service, last ? RcWriteLast : RcWriteMiddle), pkey, destination, psn, ask);
        }
    }

    /// <summary>The operation of an RC opcode in a service.</summary>
    private static BthOpcode Of(TransportService service, BthOpcode operation) => (BthOpcode)((int)service << 5 | (int)operation);
}
