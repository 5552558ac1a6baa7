using Weft.Fabric.Verbs;

namespace Weft.Target.Iser;

/// <summary>A piece of memory with its registration, cut into buffers by whoever owns it.</summary>
internal sealed class RegisteredRegion
{
    private readonly IMemoryRegion region;

    public RegisteredRegion(IProtectionDomain pd, int length)
    {
        Memory = new byte[length];
        region = pd.Register(Memory, AccessFlags.LocalWrite);
    }

    public byte[] Memory { get; }
    public int Length => Memory.Length;

    public Sge Sge(int offset, int length) => new(region.Address + (ulong)offset, (uint)length, region.LKey);
    public void Deregister() => region.Deregister();
}
