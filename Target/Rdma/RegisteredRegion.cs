using System.Buffers;
using Weft.Fabric.Verbs;

namespace Weft.Target.Rdma;

/// <summary>
/// A piece of memory with its registration, cut into buffers by whoever owns it. Borrowed, since a run of a small scenario would otherwise
/// spend most of its time on getting memory; zeroed, so that a run never sees what an earlier one left.
/// </summary>
internal sealed class RegisteredRegion
{
    private readonly IMemoryRegion region;
    private bool isGone;

    public RegisteredRegion(IProtectionDomain pd, int length)
    {
        Length = length;
        Memory = ArrayPool<byte>.Shared.Rent(length);
        Memory.AsSpan(0, length).Clear();
        region = pd.Register(Memory.AsMemory(0, length), AccessFlags.LocalWrite);
    }

    /// <summary>May be longer than asked for.</summary>
    public byte[] Memory { get; private set; }
    public int Length { get; }

    public Sge Sge(int offset, int length) => new(region.Address + (ulong)offset, (uint)length, region.LKey);

    public void Deregister()
    {
        if (isGone) return;
        isGone = true;
        region.Deregister();
        ArrayPool<byte>.Shared.Return(Memory);
        Memory = []; // late users fail here instead of writing into somebody else's
    }
}
