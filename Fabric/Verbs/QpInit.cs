namespace Weft.Fabric.Verbs;

/// <summary>What a queue pair is created with. IBA Vol 1 §11.2.5.1.</summary>
/// <param name="MaxSendWr">Send-queue depth, 1..<see cref="DeviceAttributes.MaxQpWr"/>.</param>
/// <param name="MaxReceiveWr">Receive-queue depth; ignored with an SRQ.</param>
/// <param name="MaxInline">Longest message that may be posted with <see cref="SendFlags.Inline"/>, in bytes.</param>
/// <param name="SignalAll">Every send-queue request produces a completion.</param>
/// <param name="Context">Anything of the consumer's, given back as <see cref="IQueuePair.Context"/>.</param>
public sealed record QpInit(
    QpType Type, ICompletionQueue SendCq, ICompletionQueue ReceiveCq, ISharedReceiveQueue? Srq = null, int MaxSendWr = 128, int MaxReceiveWr = 128,
    int MaxSendSge = 4, int MaxReceiveSge = 2, int MaxInline = 0, bool SignalAll = false, object? Context = null);
