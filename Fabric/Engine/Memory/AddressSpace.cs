namespace Weft.Fabric.Engine.Memory;

/// <summary>
/// Gives regions their addresses: the same in every run, never two alike, and a page of nothing between neighbours, so that an
/// overrun or a wrong base is caught. Each device has a range of its own, so that an address of one means nothing at another.
/// </summary>
internal sealed class AddressSpace
{
    private const ulong Page = 4096;
    private ulong next;

    public AddressSpace(Guid64 node) => next = 0x0000_1000_0000_0000UL + ((node.Value * 0x9E37_79B9_7F4A_7C15UL >> 52) << 32);

    public ulong Take(ulong length)
    {
        var address = next;
        next += ((length + Page - 1) & ~(Page - 1)) + Page;
        return address;
    }
}
