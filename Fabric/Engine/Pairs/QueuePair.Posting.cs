using System.Runtime.CompilerServices;
using Weft.Fabric.Engine.Memory;
using Weft.Fabric.Verbs;
using Weft.Protocol.Transport;

namespace Weft.Fabric.Engine.Pairs;

// Post Send and Post Receive. IBA Vol 1 §11.4.1.
internal sealed partial class QueuePair
{
    public VerbsError? PostSend(in SendRequest request, ReadOnlySpan<Sge> sges)
    {
        if (State is QpState.Reset or QpState.Init or QpState.ReadyToReceive || IsDestroyed) return new(VerbsErrorCode.InvalidState, $"cannot send in {State}");
        if (Sends.IsFull) return new(VerbsErrorCode.QueueFull, $"{Sends.Depth} send requests are posted");
        if (sges.Length > Sends.MaxSge) return new(VerbsErrorCode.TooManySges, $"{sges.Length} elements, {Sends.MaxSge} allowed");
        var length = ScatterGather.TotalLength(sges);
        if (Refusal(request, length) is { } error) return error;
        var inline = (request.Flags & SendFlags.Inline) != 0;
        if (inline && CheckInline(sges, length) is { } inlineError) return inlineError;
        var position = Sends.Tail;
        Sends.Add(request, sges, (uint)length);
        if (inline)
        {
            var from = default(SgePosition);
            ScatterGather.Gather(Hca.Memory, Domain, sges, ref from, Sends.InlineOf(position)[..(int)length]);
        }
        if (State is QpState.Error or QpState.SendQueueError) Flush(sends: true, receives: false);
        else if (Requester is not null) Requester.Advance();
        else Sender!.Advance();
        return null;
    }

    public VerbsError? PostReceive(ulong id, ReadOnlySpan<Sge> sges)
    {
        if (State == QpState.Reset || IsDestroyed) return new(VerbsErrorCode.InvalidState, "cannot receive in Reset");
        if (SharedReceives is not null) return new(VerbsErrorCode.NotSupported, "the QP receives from an SRQ");
        if (Receives.Post(id, sges) is { } error) return error;
        if (State == QpState.Error) Flush(sends: false, receives: true);
        return null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private VerbsError? Refusal(in SendRequest request, ulong length) =>
        length > Segmentation.MaxMessage || !IsPlain(request.Opcode) || Type == QpType.UnreliableDatagram ? SpecialRefusal(request, length) : null;

    private static bool IsPlain(WorkOpcode opcode) => opcode is WorkOpcode.Send or WorkOpcode.RdmaWrite;

    private VerbsError? SpecialRefusal(in SendRequest request, ulong length)
    {
        if (length > Segmentation.MaxMessage) return new(VerbsErrorCode.MessageTooLong, $"{length} bytes");
        if (!IsOffered(request.Opcode)) return new(VerbsErrorCode.NotSupported, $"{request.Opcode} on {Type}");
        if (request.Opcode is WorkOpcode.CompareSwap or WorkOpcode.FetchAdd && length != 8)
            return new(VerbsErrorCode.InvalidAttribute, $"an atomic's result takes 8 bytes, not {length}");
        if (request.Opcode is WorkOpcode.RdmaRead or WorkOpcode.CompareSwap or WorkOpcode.FetchAdd && (request.Flags & SendFlags.Inline) != 0)
            return new(VerbsErrorCode.InvalidAttribute, "inline data has nowhere to receive");
        if (Type != QpType.UnreliableDatagram) return null;
        return request.AddressHandle is AddressHandle { IsDestroyed: false } handle && handle.Domain == Domain
            ? null
            : new(VerbsErrorCode.InvalidAttribute, "no address handle of this protection domain");
    }

    /// <summary>Which service offers what: IBA Vol 1 §10.8.2.1, table 78.</summary>
    private bool IsOffered(WorkOpcode opcode) => Type switch
    {
        QpType.ReliableConnected => true,
        QpType.UnreliableConnected => opcode is not (WorkOpcode.RdmaRead or WorkOpcode.CompareSwap or WorkOpcode.FetchAdd or WorkOpcode.SendWithInvalidate),
        _ => opcode is WorkOpcode.Send or WorkOpcode.SendWithImmediate,
    };

    /// <summary>Inline data is read here and now, so its keys are judged here and now.</summary>
    private VerbsError? CheckInline(ReadOnlySpan<Sge> sges, ulong length)
    {
        if (length > (ulong)Sends.MaxInline) return new(VerbsErrorCode.MessageTooLong, $"{length} bytes inline, {Sends.MaxInline} allowed");
        return ScatterGather.IsAllowed(Hca.Memory, Domain, sges, AccessFlags.None) ? null : new(VerbsErrorCode.InvalidAttribute, "inline data outside registered memory");
    }
}
