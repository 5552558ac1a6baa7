using Weft.Initiator.Commands;
using Weft.Protocol.Scsi;

namespace Weft.Scenarios.Tools.Nbd;

/// <summary>One SCSI command of a request.</summary>
internal sealed class NbdPart : DiskCommand
{
    public NbdOperation? Operation { get; set; }
    public ulong Offset { get; set; }
    /// <summary>Parameter list of an UNMAP of one range.</summary>
    public byte[] List { get; } = new byte[UnmapList.LengthFor(1)];
}
