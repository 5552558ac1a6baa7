using Weft.Fabric.Engine.Pairs;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Memory;

/// <summary>A memory window. IBA Vol 1 §10.6.7.</summary>
internal sealed class MemoryWindow(ProtectionDomain domain, MemoryWindowType type) : MemoryEntry(domain, isWindow: true), IMemoryWindow
{
    private const AccessFlags Remote = AccessFlags.RemoteRead | AccessFlags.RemoteWrite | AccessFlags.RemoteAtomic;
    private bool isGone;

    public MemoryWindowType Type { get; } = type;
    public RKey RKey => new(Key);
    public bool IsBound => IsUsable;

    /// <summary>
    /// Runs a BindMemoryWindow request. A type 1 window may be bound again and gets its next key from the device; a type 2 window
    /// must be free, takes the consumer's key byte and works for <paramref name="qp"/> only. Length 0 unbinds. IBA Vol 1 §10.6.7.2.
    /// </summary>
    public bool TryBind(in SendRequest request, QueuePair qp)
    {
        if (isGone || Domain != qp.Domain) return false;
        if (request.Length == 0)
        {
            Unbind();
            return true;
        }
        if (Type == MemoryWindowType.Type2 && (IsUsable || request.Key.Value >> 8 != Key >> 8)) return false;
        if (request.Region is not MemoryRegion region || !region.IsUsable || region.Domain != Domain) return false;
        if ((region.Rights & AccessFlags.MemoryWindowBind) == 0 || !region.Covers(request.RemoteAddress, request.Length)) return false;
        if ((request.Access & (AccessFlags.RemoteWrite | AccessFlags.RemoteAtomic)) != 0 && (region.Rights & AccessFlags.LocalWrite) == 0) return false;
        Unbind();
        Key = Type == MemoryWindowType.Type2 ? request.Key.Value : RKey.NextKey().Value;
        Backing = region;
        BackingOffset = request.RemoteAddress - region.Start;
        Start = (request.Access & AccessFlags.ZeroBased) != 0 ? 0 : request.RemoteAddress;
        Size = request.Length;
        Rights = request.Access & Remote;
        BoundTo = Type == MemoryWindowType.Type2 ? qp : null;
        region.BoundWindows++;
        IsUsable = true;
        return true;
    }

    /// <summary>Invalidates by work request or by the peer: a type 2 window bound to that QP. IBA Vol 1 §10.6.7.2.4.</summary>
    public bool TryInvalidate(QueuePair qp)
    {
        if (Type != MemoryWindowType.Type2 || BoundTo != qp) return false;
        Unbind();
        return true;
    }

    public VerbsError? Deallocate()
    {
        if (isGone) return new(VerbsErrorCode.NotFound, "already deallocated");
        Unbind();
        isGone = true;
        Domain.Remove(this);
        return null;
    }

    private void Unbind()
    {
        if (!IsUsable) return;
        IsUsable = false;
        Backing!.BoundWindows--;
        Backing = null;
        BoundTo = null;
    }
}
