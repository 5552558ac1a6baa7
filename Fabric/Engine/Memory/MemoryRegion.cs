using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Memory;

/// <summary>A memory region: one piece of memory, or the list that fast registration maps in one address range.</summary>
internal sealed class MemoryRegion : MemoryEntry, IMemoryRegion
{
    private MemorySegment[] segments;
    private MemorySegment[] staged = [];
    private int count, stagedCount;
    private ulong stagedSize;
    private bool isGone;

    /// <summary>An ordinary region.</summary>
    public MemoryRegion(ProtectionDomain domain, Memory<byte> memory, AccessFlags access, ulong address) : base(domain, isWindow: false)
    {
        segments = [new(memory, 0)];
        count = 1;
        Backing = this;
        Rights = access;
        Start = address;
        Size = (ulong)memory.Length;
        IsUsable = true;
    }

    /// <summary>A region for registration through the send queue; not usable yet.</summary>
    public MemoryRegion(ProtectionDomain domain, int maxSegments) : base(domain, isWindow: false)
    {
        MaxSegments = maxSegments;
        segments = new MemorySegment[maxSegments];
        staged = new MemorySegment[maxSegments];
        Backing = this;
    }

    public LKey LKey => new(Key);
    public RKey RKey => new(Key);
    public ulong Address => Start;
    public ulong Length => Size;
    public AccessFlags Access => Rights;
    public bool IsValid => IsUsable;
    public int MaxSegments { get; }
    /// <summary>Windows bound to it now.</summary>
    public int BoundWindows { get; set; }

    public VerbsError? SetSegments(ReadOnlySpan<Memory<byte>> list)
    {
        if (MaxSegments == 0) return new(VerbsErrorCode.NotSupported, "not a fast-registration region");
        if (list.Length == 0 || list.Length > MaxSegments) return new(VerbsErrorCode.InvalidAttribute, $"{list.Length} segments, 1..{MaxSegments} allowed");
        stagedSize = 0;
        stagedCount = list.Length;
        for (var i = 0; i < list.Length; i++)
        {
            staged[i] = new(list[i], stagedSize);
            stagedSize += (ulong)list[i].Length;
        }
        return null;
    }

    /// <summary>
    /// Runs a RegisterMemory request. Refused when the region is valid, has no segments, or the new key has another index. IBA Vol 1 §10.6.3.3.
    /// </summary>
    public bool TryRegister(in SendRequest request)
    {
        if (MaxSegments == 0 || isGone || IsUsable || stagedCount == 0 || request.Key.Value >> 8 != Key >> 8) return false;
        if (!AccessRules.IsConsistent(request.Access) || request.RemoteAddress > ulong.MaxValue - stagedSize) return false;
        (segments, staged) = (staged, segments);
        (count, stagedCount) = (stagedCount, 0);
        Size = stagedSize;
        Start = (request.Access & AccessFlags.ZeroBased) != 0 ? 0 : request.RemoteAddress;
        Key = request.Key.Value;
        Rights = request.Access;
        IsUsable = true;
        return true;
    }

    /// <summary>Invalidates by work request or by the peer: fast-registration regions without bound windows only. IBA Vol 1 §10.6.5.</summary>
    public bool TryInvalidate()
    {
        if (MaxSegments == 0 || BoundWindows != 0) return false;
        IsUsable = false;
        return true;
    }

    public VerbsError? Deregister()
    {
        if (isGone) return new(VerbsErrorCode.NotFound, "already deregistered");
        if (BoundWindows != 0) return new(VerbsErrorCode.Busy, $"{BoundWindows} memory windows are bound to it");
        isGone = true;
        Domain.Remove(this);
        return null;
    }

    /// <summary>Copies out of the region. The caller has checked the range.</summary>
    public void CopyTo(ulong offset, Span<byte> target)
    {
        if (count == 1)
        {
            segments[0].Slice((int)offset, target.Length).CopyTo(target);
            return;
        }
        for (var i = IndexOf(offset); target.Length > 0; i++)
        {
            var within = (int)(offset - segments[i].Start);
            var n = Math.Min(segments[i].Length - within, target.Length);
            segments[i].Slice(within, n).CopyTo(target);
            target = target[n..];
            offset += (ulong)n;
        }
    }

    /// <summary>Copies into the region. The caller has checked the range.</summary>
    public void CopyFrom(ulong offset, ReadOnlySpan<byte> source)
    {
        if (count == 1)
        {
            source.CopyTo(segments[0].Slice((int)offset, source.Length));
            return;
        }
        for (var i = IndexOf(offset); source.Length > 0; i++)
        {
            var within = (int)(offset - segments[i].Start);
            var n = Math.Min(segments[i].Length - within, source.Length);
            source[..n].CopyTo(segments[i].Slice(within, n));
            source = source[n..];
            offset += (ulong)n;
        }
    }

    /// <summary>The last segment that begins at or before an offset.</summary>
    private int IndexOf(ulong offset)
    {
        int low = 0, high = count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) >> 1;
            if (segments[middle].Start <= offset) low = middle;
            else high = middle - 1;
        }
        return low;
    }
}
