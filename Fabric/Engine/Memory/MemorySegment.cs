using System.Runtime.InteropServices;

namespace Weft.Fabric.Engine.Memory;

/// <summary>A stretch of a region. Array-backed memory, the usual kind, is reached without the indirection of Memory.Span.</summary>
internal readonly struct MemorySegment
{
    private readonly byte[]? array;
    private readonly int arrayOffset;
    private readonly Memory<byte> memory;

    /// <summary>Where it begins in its region.</summary>
    public readonly ulong Start;
    public readonly int Length;

    public MemorySegment(Memory<byte> memory, ulong start)
    {
        this.memory = memory;
        Start = start;
        Length = memory.Length;
        if (!MemoryMarshal.TryGetArray<byte>(memory, out var segment)) return;
        array = segment.Array;
        arrayOffset = segment.Offset;
    }

    public Span<byte> Slice(int offset, int length) =>
        array is not null ? array.AsSpan(arrayOffset + offset, length) : memory.Span.Slice(offset, length);
}
