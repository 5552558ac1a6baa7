using Weft.Protocol.Ib;

namespace Weft.Protocol.Analysis;

/// <summary>Follows what the upper layer of one connection does with its messages and its memory.</summary>
internal abstract class UlpRules(Conversation conversation, Action<Finding> report)
{
    protected Conversation Conversation { get; } = conversation;

    public abstract void OnMessage(in WirePacket packet, in WireMessage message);
    public abstract void OnRdma(in WirePacket packet, Channel channel, in Reth reth);
    public abstract void OnSkipped();

    protected void Violated(in WirePacket packet, string rule, string spec, string detail) =>
        report(new(FindingSeverity.Violation, new(rule, spec, detail), packet.Number, packet.Time, Conversation.ToString()));

    protected void Noted(in WirePacket packet, string rule, string spec, string detail) =>
        report(new(FindingSeverity.Note, new(rule, spec, detail), packet.Number, packet.Time, Conversation.ToString()));
}
