namespace Weft.Protocol.Iscsi;

/// <summary>RFC 7143 §11.5.1; 9 to 12 need iSCSIProtocolLevel 2, RFC 7144 §4.</summary>
public enum TaskManagementFunction : byte
{
    AbortTask = 1,
    AbortTaskSet = 2,
    ClearAca = 3,
    ClearTaskSet = 4,
    LogicalUnitReset = 5,
    TargetWarmReset = 6,
    TargetColdReset = 7,
    TaskReassign = 8,
    QueryTask = 9,
    QueryTaskSet = 10,
    ItNexusReset = 11,
    QueryAsyncEvent = 12,
}
