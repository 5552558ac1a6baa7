using Weft.Fabric.Verbs;
using Weft.Target.Commands;

namespace Weft.Target.Rdma;

/// <summary>
/// Data buffers of a device, shared by its connections, in three sizes. Grows by slabs up to a bound, then commands wait in order, as
/// tgt's "patient" allocation has it; a buffer that comes back goes to the first that waits.
/// </summary>
internal sealed class DataPool(IProtectionDomain pd, long bound, int largest)
{
    private const int MaxPerSlab = 16;
    private const int Classes = 3;
    private readonly int[] sizes = [8 * 1024, TargetDevice.SmallestBuffer, Math.Max(largest, TargetDevice.SmallestBuffer)];
    private readonly RegisteredBuffer?[] free = new RegisteredBuffer?[Classes];
    private readonly List<RegisteredRegion> slabs = [];
    private readonly Queue<IBufferUser> waiting = new();
    private readonly int[] made = new int[Classes];
    private long allocated;

    /// <summary>Buffers lent out: none when the device is quiet.</summary>
    public int Outstanding { get; private set; }
    public int Waiting => waiting.Count;

    /// <summary>A buffer of at least min(wanted, 64 KiB) bytes, or null: then the user is in the line, and is told.</summary>
    public RegisteredBuffer? Take(IBufferUser user, int wanted)
    {
        if (waiting.Count == 0 && TryTake(wanted) is { } buffer) return buffer;
        user.WantedBuffer = wanted;
        waiting.Enqueue(user);
        return null;
    }

    private RegisteredBuffer? TryTake(int wanted)
    {
        var fitting = wanted <= sizes[0] ? 0 : wanted <= sizes[1] ? 1 : 2;
        for (var c = fitting; c < Classes; c++)
            if (Pop(c, grow: true) is { } buffer) return buffer;
        return fitting == 2 ? Pop(1, grow: false) : null; // a transfer may go on in smaller pieces
    }

    private RegisteredBuffer? Pop(int sizeClass, bool grow)
    {
        if (free[sizeClass] is null && grow) Grow(sizeClass);
        if (free[sizeClass] is not { } buffer) return null;
        free[sizeClass] = buffer.Next;
        Outstanding++;
        return buffer;
    }

    private void Grow(int sizeClass)
    {
        var size = sizes[sizeClass];
        // Doubling: few commands need few buffers, and a short run should not pay for many.
        var count = (int)Math.Min(Math.Clamp(made[sizeClass], 1, sizeClass == 2 ? 2 : MaxPerSlab), (bound - allocated) / size);
        if (count <= 0 && allocated > 0) return;
        count = Math.Max(count, 1); // a pool of nothing would stop every command for ever
        var slab = new RegisteredRegion(pd, count * size);
        slabs.Add(slab);
        allocated += slab.Length;
        made[sizeClass] += count;
        for (var i = 0; i < count; i++) Push(new(slab, i * size, size, sizeClass));
    }

    private void Push(RegisteredBuffer buffer)
    {
        buffer.Next = free[buffer.SizeClass];
        free[buffer.SizeClass] = buffer;
    }

    public void Return(RegisteredBuffer buffer)
    {
        Outstanding--;
        Push(buffer);
        while (waiting.Count > 0)
        {
            var user = waiting.Peek();
            if (user.WaitsForBuffer)
            {
                if (TryTake(user.WantedBuffer) is not { } found) return;
                user.GrantedBuffer = found;
                waiting.Dequeue();
                user.BufferAvailable();
                if (user.GrantedBuffer is { } unused) // aborted meanwhile
                {
                    user.GrantedBuffer = null;
                    Outstanding--;
                    Push(unused);
                }
            }
            else
            {
                waiting.Dequeue(); // aborted while it waited
            }
        }
    }

    public void Release()
    {
        if (Outstanding > 0) throw new InvalidOperationException($"{Outstanding} data buffers are still lent");
        foreach (var slab in slabs) slab.Deregister();
        slabs.Clear();
        Array.Clear(free);
        Array.Clear(made);
        allocated = 0;
    }
}
