namespace Weft.Fabric.Verbs;

/// <summary>
/// Registered memory. Addresses are the device's own: deterministic numbers, not the machine's, since they appear on the wire.
/// IBA Vol 1 §10.6.
/// </summary>
public interface IMemoryRegion
{
    LKey LKey { get; }
    RKey RKey { get; }
    /// <summary>First address (IOVA) of the region.</summary>
    ulong Address { get; }
    /// <summary>Length in bytes.</summary>
    ulong Length { get; }
    AccessFlags Access { get; }
    /// <summary>False for a fast-registration region that is not registered now, or was invalidated.</summary>
    bool IsValid { get; }

    /// <summary>
    /// Fast registration only: names the memory that the next RegisterMemory request will map, in order, without gaps in the
    /// region's address range. At most <see cref="MaxSegments"/> segments.
    /// </summary>
    VerbsError? SetSegments(ReadOnlySpan<Memory<byte>> segments);
    /// <summary>Segments that a fast-registration region can hold; 0 for an ordinary one.</summary>
    int MaxSegments { get; }

    /// <summary>Refused as Busy while a window is bound to it.</summary>
    VerbsError? Deregister();
}
