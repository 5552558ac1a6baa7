using Weft.Protocol.Ib;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iser;

namespace Weft.Protocol.Analysis;

/// <summary>
/// iSCSI over iSER on one connection: command window, status numbers, each task answered once, login stages, limits of data, memory
/// used only while it is lent. RFC 7143, RFC 7145. What passes here has not reached its receiver later than what follows from it, so
/// the newest window and the newest answer seen are never behind those that a sender knows.
/// </summary>
internal sealed partial class IserRules(Conversation conversation, Action<Finding> report) : UlpRules(conversation, report)
{
    private readonly Dictionary<uint, IserTaskRecord> tasks = [];
    private readonly KeyBook keys = new();
    private readonly IserParameters parameters = new();
    /// <summary>Everything since the first login request was seen.</summary>
    private bool isWhole = conversation.IsComplete;
    private bool isFullFeature = !conversation.IsComplete;
    private CmdSn? nextCommand;
    private CmdSn? window;
    private StatSn? nextStatus;

    public override void OnMessage(in WirePacket packet, in WireMessage message)
    {
        if (IserMessage.TryRead(message.Data, out var iser) is { } unread)
        {
            Violated(packet, unread.Rule, unread.Spec, unread.Detail);
            return;
        }
        if (!iser.Header.IsControl) return;
        var isAnswer = ((byte)iser.Pdu.Bhs.Opcode & 0x20) != 0;
        if (Conversation.IsComplete && isAnswer == message.Channel.IsForward)
        {
            Violated(packet, "iscsi-direction", "RFC 7143 §11.2.1.2", $"{iser.Pdu.Bhs.Opcode} from the {(isAnswer ? "initiator" : "target")}");
            return;
        }
        if (isAnswer) TakeFromTarget(packet, message, iser);
        else TakeFromInitiator(packet, message, iser);
    }

    public override void OnSkipped()
    {
        isWhole = false;
        nextCommand = null;
        nextStatus = null;
    }

    /// <summary>Only the target moves data, and only where a command that it has not answered lends it memory. RFC 7145 §7.3, §9.2.</summary>
    public override void OnRdma(in WirePacket packet, Channel channel, in Reth reth)
    {
        if (Conversation.IsComplete && channel.IsForward)
        {
            Violated(packet, "iser-initiator-rdma", "RFC 7145 §7.3", $"{OpcodeInfo.NameOf(packet.Transport.Opcode)} from the initiator");
            return;
        }
        if (reth.DmaLength == 0) return;
        if (keys.Check(reth.RKey, reth.VirtualAddress, reth.DmaLength, isWhole, checksRange: true, out var isStale) is { } wrong)
            Violated(packet, isStale ? "key-use" : "key-range", "RFC 7145 §7.3.3", $"{OpcodeInfo.NameOf(packet.Transport.Opcode)} of {wrong}");
    }

    private void Release(in IserTaskRecord task)
    {
        if (task.WriteKey is { } write) keys.Release(write);
        if (task.ReadKey is { } read) keys.Release(read);
    }

    private void CheckLength(in WirePacket packet, in Bhs bhs, uint limit)
    {
        if (!isWhole || bhs.DataSegmentLength <= limit) return;
        Violated(packet, "data-segment-length", "RFC 7145 §6.4", $"{bhs.Opcode} with {bhs.DataSegmentLength} bytes of data, the receiver takes {limit}");
    }
}
