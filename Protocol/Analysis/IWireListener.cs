using Weft.Protocol.Cm;
using Weft.Protocol.Ib;
using Weft.Protocol.Mad;

namespace Weft.Protocol.Analysis;

/// <summary>
/// Is told what a <see cref="ConversationTracker"/> makes of the packets that it is shown. Everything is only lent until the call returns.
/// </summary>
public interface IWireListener
{
    /// <summary>A good packet, before anything else is told about it.</summary>
    /// <param name="channel">Its connection and direction; none for datagrams and congestion notifications.</param>
    void OnPacket(in WirePacket packet, Channel? channel) { }

    /// <summary>A datagram to QP1 whose header is that of a CM message; <paramref name="message"/> is the 232 bytes behind that header.</summary>
    void OnCm(in WirePacket packet, in MadHeader header, ReadOnlySpan<byte> message, Conversation? conversation) { }

    /// <summary>A SEND is complete; the packet is its last.</summary>
    void OnMessage(in WirePacket packet, in WireMessage message) { }

    /// <summary>A READ request, or the packet of a WRITE that carries the RETH, when the receiver takes it: once, in order.</summary>
    void OnRdma(in WirePacket packet, Channel channel, in Reth reth) { }

    /// <summary>A request that the receiver does not take: it comes again, or in front of one that it waits for.</summary>
    void OnIgnored(in WirePacket packet, Channel channel) { }

    /// <summary>Requests of this direction were taken by the receiver without having been seen here.</summary>
    void OnSkipped(in WirePacket packet, Channel channel) { }

    /// <summary>A connection has ended or was replaced by another on the same queue pair.</summary>
    void OnClosed(Conversation conversation) { }

    void OnFinding(FindingSeverity severity, in WirePacket packet, Conversation? conversation, Violation violation) { }
}
