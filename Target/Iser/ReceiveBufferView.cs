using Weft.Target.Commands;

namespace Weft.Target.Iser;

/// <summary>Immediate data, lent to the command core where it arrived.</summary>
internal sealed class ReceiveBufferView() : DataBuffer(default)
{
    public void Point(Memory<byte> memory) => Memory = memory;
}
