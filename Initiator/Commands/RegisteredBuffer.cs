namespace Weft.Initiator.Commands;

/// <summary>
/// Memory that stays registered with a device, so that commands need no registration of their own. A peer that knows its key may
/// read and write all of it until it is disposed: the trade that ib_iser's always_register=N makes.
/// </summary>
public sealed class RegisteredBuffer : IDisposable
{
    private IMemoryRegion? region;
    private Action<RegisteredBuffer>? onDisposed;

    internal RegisteredBuffer(IMemoryRegion region, Memory<byte> memory, Action<RegisteredBuffer> onDisposed) =>
        (this.region, Memory, this.onDisposed) = (region, memory, onDisposed);

    public Memory<byte> Memory { get; }
    internal IMemoryRegion Region => region ?? throw new ObjectDisposedException(nameof(RegisteredBuffer));

    /// <summary>Where <paramref name="part"/> lies in this memory, or -1 when it is not inside.</summary>
    internal int OffsetOf(ReadOnlyMemory<byte> part)
    {
        if (!System.Runtime.InteropServices.MemoryMarshal.TryGetArray(part, out var inner) ||
            !System.Runtime.InteropServices.MemoryMarshal.TryGetArray<byte>(Memory, out var outer) || inner.Array != outer.Array)
            return -1;
        var offset = inner.Offset - outer.Offset;
        return offset >= 0 && offset + inner.Count <= outer.Count ? offset : -1;
    }

    /// <summary>Deregisters. No command may be using it.</summary>
    public void Dispose()
    {
        if (region is null) return;
        region.Deregister();
        region = null;
        onDisposed?.Invoke(this);
        onDisposed = null;
    }
}
