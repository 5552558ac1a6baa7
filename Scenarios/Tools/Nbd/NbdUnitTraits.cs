using Weft.Initiator;
using Weft.Protocol.Scsi;
using DiskUnit = Weft.Initiator.Disk;

namespace Weft.Scenarios.Tools.Nbd;

/// <summary>What a unit says that it can do. Pages that it does not have say nothing.</summary>
internal sealed record NbdUnitTraits(BlockLimits Limits, Provisioning Provisioning, bool HasFua, bool IsReadOnly)
{
    private const byte CachingPage = 0x08;

    /// <exception cref="InitiatorException">The unit does not answer.</exception>
    public static async ValueTask<NbdUnitTraits> AskAsync(DiskUnit disk)
    {
        var limits = await PageAsync(disk, VpdPage.BlockLimits) is { } b0 && BlockLimits.TryRead(b0.Span, out var found) ? found : default;
        var provisioning = await PageAsync(disk, VpdPage.Provisioning) is { } b2 && Provisioning.TryRead(b2.Span, out var thin) ? thin : default;
        var modes = new byte[252];
        var result = await disk.ExecuteAsync(Cdb.ModeSense6(CachingPage, allocation: (byte)modes.Length), modes);
        var header = result.IsGood && ModeHeader.TryRead(modes, ten: false, out var read) ? read : default;
        return new(limits, provisioning, header.HasDpoFua, header.IsWriteProtected);
    }

    private static async ValueTask<ReadOnlyMemory<byte>?> PageAsync(DiskUnit disk, byte code)
    {
        try
        {
            return await disk.InquiryPageAsync(code);
        }
        catch (ScsiException)
        {
            return null;
        }
    }
}
