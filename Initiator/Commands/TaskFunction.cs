namespace Weft.Initiator.Commands;

/// <summary>Task management functions that every transport has. SAM-5 §7.</summary>
public enum TaskFunction : byte
{
    AbortTask,
    AbortTaskSet,
    ClearTaskSet,
    LunReset,
    TargetReset,
    TargetColdReset,
}
