namespace Weft.Protocol.Iscsi;

/// <summary>RFC 7143 §11.6.1; 7 is of RFC 7144.</summary>
public enum TaskManagementResponseCode : byte
{
    Complete = 0,
    TaskDoesNotExist = 1,
    LunDoesNotExist = 2,
    TaskStillAllegiant = 3,
    AllegianceReassignmentNotSupported = 4,
    FunctionNotSupported = 5,
    AuthorizationFailed = 6,
    FunctionSucceeded = 7,
    Rejected = 255,
}
