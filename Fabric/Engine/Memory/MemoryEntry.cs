using Weft.Fabric.Engine.Pairs;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Memory;

/// <summary>
/// What a key names: a region, or a window on one. Flat fields, so that a lookup is an index, a comparison and a range check. IBA Vol 1 §10.6.
/// </summary>
internal abstract class MemoryEntry(ProtectionDomain domain, bool isWindow)
{
    public readonly ProtectionDomain Domain = domain;
    /// <summary>The key as it stands on the wire: index in bits 31..8, consumer byte in 7..0. All 32 bits must match.</summary>
    public uint Key;
    /// <summary>Whether the key may be used now.</summary>
    public bool IsUsable;
    /// <summary>First address that the key admits.</summary>
    public ulong Start;
    /// <summary>Bytes that the key admits.</summary>
    public ulong Size;
    public AccessFlags Rights;
    /// <summary>Region that holds the bytes: the entry itself, or the one under a window.</summary>
    public MemoryRegion? Backing;
    /// <summary>Where <see cref="Start"/> lies in <see cref="Backing"/>.</summary>
    public ulong BackingOffset;
    /// <summary>A type 2 window works for this QP alone. IBA Vol 1 §10.6.7.2.</summary>
    public QueuePair? BoundTo;
    /// <summary>Whether the key is for remote access only: an L_Key never names a window.</summary>
    public readonly bool IsWindow = isWindow;

    /// <summary>Whether a range lies inside, without overflow for any numbers.</summary>
    public bool Covers(ulong address, ulong length)
    {
        var offset = address - Start;
        return address >= Start && offset <= Size && length <= Size - offset;
    }
}
