using Weft.Fabric.Verbs;
using Weft.Target.Commands;

namespace Weft.Target.Rdma;

/// <summary>A pooled data buffer that RDMA can reach.</summary>
internal sealed class RegisteredBuffer(RegisteredRegion region, int offset, int length, int sizeClass) : DataBuffer(region.Memory.AsMemory(offset, length))
{
    public int SizeClass { get; } = sizeClass;
    public RegisteredBuffer? Next;

    public Sge Sge(int from, int count) => region.Sge(offset + from, count);
}
