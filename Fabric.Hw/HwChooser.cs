#pragma warning disable RS0030 // on a live wire identifiers are drawn from the operating system, and nothing else is chosen
using System.Buffers.Binary;
using System.Security.Cryptography;
using Weft.Fabric.Execution;

namespace Weft.Fabric.Hw;

/// <summary>Chance on a live wire: order is what the world makes it; identifiers are unpredictable.</summary>
internal sealed class HwChooser : IChooser
{
    public int Choose(int n, in ChoicePoint why) => 0;

    public ulong Draw(int bits, in ChoicePoint why)
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        var value = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return bits >= 64 ? value : value & ((1UL << bits) - 1);
    }
}
