using Weft.Protocol.Ib;
using Weft.Protocol.Srp;

namespace Weft.Protocol.Analysis;

/// <summary>
/// SRP on one channel: the request limit, each request answered once, lengths of information units, memory used only while it is lent.
/// SRP r16a §5.
/// </summary>
internal sealed class SrpRules(Conversation conversation, Action<Finding> report) : UlpRules(conversation, report)
{
    /// <summary>A request without an answer. Its keys are kept for the time of its answer.</summary>
    private struct Request
    {
        public ulong Lun;
        /// <summary>0 for a command.</summary>
        public SrpTaskFunction Function;
        public ulong Managed;
        public int KeyCount;
        public RKey FirstKey;
        public RKey[]? MoreKeys;
    }

    private readonly Dictionary<ulong, Request> requests = [];
    private readonly KeyBook keys = new();
    private bool isWhole = conversation.IsComplete;
    /// <summary>Some tables of descriptors stand in the initiator's memory only, so that not all keys are known.</summary>
    private bool hasHiddenKeys;
    /// <summary>What the initiator may still send; unknown without the login.</summary>
    private long? limit = conversation.SrpResponse?.RequestLimitDelta;
    private long granted = conversation.SrpResponse?.RequestLimitDelta ?? 0;
    private ulong? creditRequest;
    private ulong? asyncRequest;

    public override void OnMessage(in WirePacket packet, in WireMessage message)
    {
        var unit = message.Data;
        if (unit.IsEmpty) return;
        if (message.Invalidated is { } key) Violated(packet, "remote-invalidate", "SRP r16a 5", $"key {key} invalidated; SRP has no remote invalidation");
        var opcode = (SrpOpcode)unit[0];
        var fromTarget = ((byte)opcode & 0x80) != 0;
        if (Conversation.IsComplete && fromTarget == message.Channel.IsForward)
        {
            Violated(packet, "srp-direction", "SRP r16a 6.1", $"{opcode} from the {(fromTarget ? "initiator" : "target")}");
            return;
        }
        var longest = fromTarget ? Conversation.SrpResponse?.MaxTargetToInitiatorLength : Conversation.SrpResponse?.MaxInitiatorToTargetLength;
        if (unit.Length > longest) Violated(packet, "srp-length", "SRP r16a 6.3", $"{opcode} of {unit.Length} bytes, the receiver takes {longest}");
        if (fromTarget) TakeFromTarget(packet, opcode, unit);
        else TakeFromInitiator(packet, opcode, unit);
    }

    public override void OnSkipped()
    {
        isWhole = false;
        limit = null;
        requests.Clear();
    }

    public override void OnRdma(in WirePacket packet, Channel channel, in Reth reth)
    {
        if (Conversation.IsComplete && channel.IsForward)
        {
            Violated(packet, "srp-initiator-rdma", "SRP r16a 5.6", $"{OpcodeInfo.NameOf(packet.Transport.Opcode)} from the initiator");
            return;
        }
        if (reth.DmaLength == 0) return; // ib_srpt begins with one, without a key
        if (keys.Check(reth.RKey, reth.VirtualAddress, reth.DmaLength, isWhole && !hasHiddenKeys, checksRange: false, out var isStale) is { } wrong)
            Violated(packet, isStale ? "key-use" : "key-range", "SRP r16a 5.6", $"{OpcodeInfo.NameOf(packet.Transport.Opcode)} of {wrong}");
    }

    private void TakeFromInitiator(in WirePacket packet, SrpOpcode opcode, ReadOnlySpan<byte> unit)
    {
        switch (opcode)
        {
            case SrpOpcode.Command when SrpCommand.TryRead(unit, out var command):
                Spend(packet, opcode);
                var request = new Request { Lun = command.Lun };
                if (command.TryReadBuffers(unit, out var dataOut, out var dataIn))
                {
                    Advertise(dataOut, ref request);
                    Advertise(dataIn, ref request);
                }
                Begin(packet, command.Tag, request);
                break;
            case SrpOpcode.TaskManagement when SrpTaskManagement.TryRead(unit, out var management):
                Spend(packet, opcode);
                Begin(packet, management.Tag, new Request { Lun = management.Lun, Function = management.Function, Managed = management.ManagedTag });
                break;
            case SrpOpcode.InitiatorLogout:
                Spend(packet, opcode);
                break;
            case SrpOpcode.CreditResponse when SrpNotice.TryRead(unit, out var answer):
                if (isWhole && creditRequest != answer.Tag) Violated(packet, "srp-credit", "SRP r16a 6.11", $"SRP_CRED_RSP with tag 0x{answer.Tag:x}, not asked for");
                creditRequest = null;
                break;
            case SrpOpcode.AsyncEventResponse when SrpNotice.TryRead(unit, out var answer):
                if (isWhole && asyncRequest != answer.Tag) Violated(packet, "srp-async", "SRP r16a 6.14", $"SRP_AER_RSP with tag 0x{answer.Tag:x}, not asked for");
                asyncRequest = null;
                break;
        }
    }

    /// <summary>A request takes one from the limit and needs one there. SRP r16a §5.4.</summary>
    private void Spend(in WirePacket packet, SrpOpcode opcode)
    {
        if (limit is not { } left) return;
        if (left <= 0) Violated(packet, "srp-limit", "SRP r16a 5.4", $"{opcode} with a request limit of {left}");
        limit = left - 1;
    }

    private void Begin(in WirePacket packet, ulong tag, in Request request)
    {
        if (!requests.TryAdd(tag, request))
            Violated(packet, "srp-tag", "SRP r16a 5.3", $"tag 0x{tag:x} again before it was answered");
    }

    private void Advertise(scoped in SrpDataBuffer buffer, ref Request request)
    {
        hasHiddenKeys |= buffer.IsPartial;
        for (var i = 0; i < buffer.DescriptorCount; i++)
        {
            var descriptor = buffer[i];
            keys.Advertise(descriptor.Key, descriptor.Address, descriptor.Size);
            if (request.KeyCount++ == 0)
            {
                request.FirstKey = descriptor.Key;
                continue;
            }
            request.MoreKeys ??= new RKey[255 + 255];
            request.MoreKeys[request.KeyCount - 2] = descriptor.Key;
        }
    }

    private void Release(in Request request)
    {
        if (request.KeyCount > 0) keys.Release(request.FirstKey);
        for (var i = 0; i < request.KeyCount - 1; i++) keys.Release(request.MoreKeys![i]);
    }

    private void TakeFromTarget(in WirePacket packet, SrpOpcode opcode, ReadOnlySpan<byte> unit)
    {
        switch (opcode)
        {
            case SrpOpcode.Response when SrpResponse.TryRead(unit, out var response):
                Complete(packet, response, unit);
                Return(packet, response.RequestLimitDelta);
                break;
            case SrpOpcode.CreditRequest when SrpNotice.TryRead(unit, out var request):
                granted += request.Value;
                creditRequest = request.Tag;
                Return(packet, request.Value);
                break;
            case SrpOpcode.AsyncEventRequest when SrpAsyncEvent.TryRead(unit, out var request):
                asyncRequest = request.Tag;
                Return(packet, request.RequestLimitDelta);
                break;
        }
    }

    private void Complete(in WirePacket packet, in SrpResponse response, ReadOnlySpan<byte> unit)
    {
        if (!requests.Remove(response.Tag, out var request))
        {
            if (isWhole) Violated(packet, "answered-once", "SRP r16a 5.3", $"SRP_RSP for tag 0x{response.Tag:x}, which is not outstanding");
            return;
        }
        Release(request);
        if (request.Function == 0) return;
        var data = response.ResponseData(unit);
        if (data.Length >= 4 && data[3] == (byte)SrpResponseCode.NoFailure) EndTasks(request);
    }

    /// <summary>What a function ended gets no answer of its own any more. SRP r16a §6.6.</summary>
    private void EndTasks(in Request function)
    {
        if (function.Function == SrpTaskFunction.AbortTask)
        {
            if (requests.Remove(function.Managed, out var one)) Release(one);
            return;
        }
        if (function.Function == SrpTaskFunction.ClearAca) return;
        foreach (var (tag, request) in requests.ToArray())
        {
            if (request.Function != 0 || request.Lun != function.Lun) continue;
            requests.Remove(tag);
            Release(request);
        }
    }

    /// <summary>The limit and what is outstanding together stay what the target has granted. SRP r16a §5.4.</summary>
    private void Return(in WirePacket packet, int delta)
    {
        if (limit is not { } left) return;
        limit = left + delta;
        var now = left + delta + requests.Count;
        if (now <= granted) return;
        Noted(packet, "srp-limit-grows", "SRP r16a 5.4", $"limit and outstanding requests together are {now}, granted were {granted}");
        granted = now;
    }
}
