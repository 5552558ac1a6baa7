using Weft.Protocol.Ib;

namespace Weft.Protocol.Analysis;

/// <summary>Follows what the upper layer of one connection does with its messages and its memory.</summary>
internal abstract class UlpRules
{
    public abstract void OnMessage(in WirePacket packet, in WireMessage message);
    public abstract void OnRdma(in WirePacket packet, Channel channel, in Reth reth);
    public abstract void OnSkipped(in WirePacket packet, Channel channel);
}
