namespace Weft.Initiator.Iscsi;

/// <summary>What a task tag stands for.</summary>
internal enum TaskKind : byte
{
    Free,
    Command,
    Ping,
    TaskManagement,
    Logout,
    Text,
}
