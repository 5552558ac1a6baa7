using Weft.Protocol.Cm;
using Weft.Protocol.Ib;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Analysis;

/// <summary>
/// The rules of the wire: those of the transport and the CM, which a <see cref="ConversationTracker"/> finds broken, and those of iSCSI
/// over iSER and of SRP, which it follows itself for each connection.
/// </summary>
/// <param name="report">Told of every finding, at the frame where it shows.</param>
public sealed class WireRules(Action<Finding> report) : IWireListener
{
    public void OnPacket(in WirePacket packet, Channel? channel) { }
    public void OnCm(in WirePacket packet, in MadHeader header, ReadOnlySpan<byte> message, Conversation? conversation) { }

    public void OnMessage(in WirePacket packet, in WireMessage message) => RulesOf(message.Conversation)?.OnMessage(packet, message);

    public void OnRdma(in WirePacket packet, Channel channel, in Reth reth) => RulesOf(channel.Conversation)?.OnRdma(packet, channel, reth);

    public void OnSkipped(in WirePacket packet, Channel channel) => channel.Conversation.Rules?.OnSkipped();

    public void OnClosed(Conversation conversation) => conversation.Rules = null;

    public void OnFinding(FindingSeverity severity, in WirePacket packet, Conversation? conversation, Violation violation) =>
        report(new(severity, violation, packet.Number, packet.Time, conversation?.ToString() ?? ""));

    private UlpRules? RulesOf(Conversation conversation)
    {
        if (conversation.Rules is { } rules) return rules;
        return conversation.Rules = conversation.HasSpoken ? Create(conversation) : null;
    }

    private UlpRules? Create(Conversation conversation) => conversation.Ulp switch
    {
        Ulp.Iser => new IserRules(conversation, report),
        Ulp.Srp => new SrpRules(conversation, report),
        _ => null,
    };
}
