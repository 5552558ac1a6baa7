using Weft.Target.Commands;

namespace Weft.Target.Rdma;

/// <summary>Immediate data, lent to the command core where they arrived.</summary>
internal sealed class DataBufferView() : DataBuffer(default)
{
    public void Point(Memory<byte> memory) => Memory = memory;
}
