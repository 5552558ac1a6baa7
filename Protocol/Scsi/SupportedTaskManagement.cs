namespace Weft.Protocol.Scsi;

/// <summary>Answer of REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS. SPC-4 §6.28.</summary>
// 0 ATS ATSS CACAS CTSS LURS QTS TRS WAKES | 1 QAES QTSS ITNRS
[Flags]
public enum SupportedTaskManagement : ushort
{
    None = 0,
    AbortTask = 0x8000,
    AbortTaskSet = 0x4000,
    ClearAca = 0x2000,
    ClearTaskSet = 0x1000,
    LogicalUnitReset = 0x0800,
    QueryTask = 0x0400,
    TargetReset = 0x0200,
    QueryAsynchronousEvent = 0x0004,
    QueryTaskSet = 0x0002,
    NexusReset = 0x0001,
}
