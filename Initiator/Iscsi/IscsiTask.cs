using Weft.Initiator.Commands;
using Weft.Protocol.Iscsi;

namespace Weft.Initiator.Iscsi;

/// <summary>
/// One entry of a connection's task table. Its tag holds the slot and a count of uses, so that a late answer to an earlier use is
/// recognised as such.
/// </summary>
internal class IscsiTask(int slot)
{
    private ushort use;

    public int Slot { get; } = slot;
    public TaskKind Kind { get; private set; }
    public TaskTag Tag { get; private set; }
    /// <summary>Commands only.</summary>
    public DiskCommand? Command { get; private set; }
    /// <summary>Task management only.</summary>
    public TaskManagementJob? Job { get; set; }
    public CmdSn CmdSn { get; set; }
    /// <summary>The answer is there (or the target has ended it); what is left is to take the memory back.</summary>
    public bool IsAnswered { get; set; }
    /// <summary>How its command ended, once answered.</summary>
    public CommandOutcome Outcome { get; set; }
    /// <summary>Nobody waits for the answer any more, which may still come.</summary>
    public bool IsAbandoned { get; set; }

    public void Begin(TaskKind kind, DiskCommand? command)
    {
        use++;
        (Kind, Command, Tag) = (kind, command, new((uint)use << 16 | (uint)Slot));
        (IsAnswered, IsAbandoned, Outcome) = (false, false, CommandOutcome.Completed);
        command?.Task = this;
    }

    public void End()
    {
        Command?.Task = null;
        (Kind, Command, Job) = (TaskKind.Free, null, null);
    }
}
