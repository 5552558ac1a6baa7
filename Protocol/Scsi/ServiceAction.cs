namespace Weft.Protocol.Scsi;

/// <summary>Service actions, low five bits of byte 1 of the operation codes that have them.</summary>
public static class ServiceAction
{
    /// <summary>Of SERVICE ACTION IN(16). SBC-3 §5.</summary>
    public const int ReadCapacity16 = 0x10, GetLbaStatus = 0x12;
    /// <summary>Of MAINTENANCE IN. SPC-4 §6.</summary>
    public const int ReportTargetPortGroups = 0x0A, ReportSupportedOpcodes = 0x0C, ReportSupportedTaskManagement = 0x0D;
    /// <summary>Of PERSISTENT RESERVE IN. SPC-4 §6.15.</summary>
    public const int ReadKeys = 0, ReadReservation = 1, ReportCapabilities = 2, ReadFullStatus = 3;
    /// <summary>Of PERSISTENT RESERVE OUT. SPC-4 §6.16.</summary>
    public const int Register = 0, Reserve = 1, Release = 2, Clear = 3, Preempt = 4, PreemptAndAbort = 5, RegisterAndIgnore = 6, RegisterAndMove = 7;
}
