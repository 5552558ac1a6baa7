using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Queues;

internal enum WqeState : byte
{
    /// <summary>Not begun: no PSN yet.</summary>
    Posted,
    /// <summary>Has its PSNs; some or all packets sent.</summary>
    Started,
    /// <summary>Failed here; reported when everything before it is done.</summary>
    Failed,
}

/// <summary>A send work request in its queue.</summary>
internal struct SendWqe
{
    public SendRequest Request;
    public uint Length;
    public int SgeCount;
    public WqeState State;
    public CompletionStatus Status;
    /// <summary>READ: asked for more than once, so that responses to both requests may mix.</summary>
    public bool IsRetried;
    public Psn FirstPsn;
    /// <summary>PSNs that it takes; 0 for local operations.</summary>
    public uint PacketCount;

    public readonly Psn EndPsn => FirstPsn + PacketCount;
    /// <summary>Which of its packets a PSN is. Unsigned: a message of 2^31 bytes takes half of all PSNs, where signed distances turn round.</summary>
    public readonly uint IndexOf(Psn psn) => (psn.Value - FirstPsn.Value) & Psn.Mask;
    /// <summary>Whether all its packets are acknowledged, when everything before it is.</summary>
    public readonly bool IsDone(Psn unacked) => IndexOf(unacked) >= PacketCount;
    public readonly bool IsInline => (Request.Flags & SendFlags.Inline) != 0;
    public readonly bool IsRead => Request.Opcode == WorkOpcode.RdmaRead;
    public readonly bool IsAtomic => Request.Opcode is WorkOpcode.CompareSwap or WorkOpcode.FetchAdd;
    /// <summary>Answered by data, not by a plain acknowledgement.</summary>
    public readonly bool WantsData => IsRead || IsAtomic;
    public readonly bool IsLocal => Request.Opcode is WorkOpcode.LocalInvalidate or WorkOpcode.BindMemoryWindow or WorkOpcode.RegisterMemory;
}
