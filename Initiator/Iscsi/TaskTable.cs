using System.Diagnostics.CodeAnalysis;
using Weft.Initiator.Commands;
using Weft.Protocol.Iscsi;

namespace Weft.Initiator.Iscsi;

/// <summary>Tasks of one connection by tag: a fixed number for commands, and a few of their own for everything else. Each is made at its first use.</summary>
internal sealed class TaskTable
{
    /// <summary>Pings, task management, logout and text at the same time, with abandoned ones.</summary>
    public const int ControlTasks = 8;

    private readonly IscsiTask?[] tasks;
    private readonly Func<int, IscsiTask> create;
    private readonly int[] freeCommands;
    private readonly int[] freeControls;
    private int commandCount, controlCount;

    public TaskTable(int commands, Func<int, IscsiTask> create)
    {
        tasks = new IscsiTask?[commands + ControlTasks];
        this.create = create;
        freeCommands = new int[commands];
        freeControls = new int[ControlTasks];
        for (var i = commands - 1; i >= 0; i--) freeCommands[commandCount++] = i;
        for (var i = tasks.Length - 1; i >= commands; i--) freeControls[controlCount++] = i;
    }

    /// <summary>By slot; null where none was needed yet.</summary>
    public ReadOnlySpan<IscsiTask?> All => tasks;
    public bool HasFreeCommand => commandCount > 0;
    public int Busy => tasks.Length - commandCount - controlCount;

    public bool TryBegin(TaskKind kind, DiskCommand? command, [MaybeNullWhen(false)] out IscsiTask task)
    {
        task = null;
        if (kind == TaskKind.Command)
        {
            if (commandCount == 0) return false;
            task = At(freeCommands[--commandCount]);
        }
        else
        {
            if (controlCount == 0) return false;
            task = At(freeControls[--controlCount]);
        }
        task.Begin(kind, command);
        return true;
    }

    private IscsiTask At(int slot) => tasks[slot] ??= create(slot);

    public void End(IscsiTask task)
    {
        if (task.Kind == TaskKind.Free) throw new InvalidOperationException($"task {task.Slot} ended twice");
        task.End();
        if (task.Slot < freeCommands.Length) freeCommands[commandCount++] = task.Slot;
        else freeControls[controlCount++] = task.Slot;
    }

    /// <summary>The task in use under a tag, or null.</summary>
    public IscsiTask? Find(TaskTag tag)
    {
        var slot = (int)(tag.Value & 0xFFFF);
        return slot < tasks.Length && tasks[slot] is { Kind: not TaskKind.Free } task && task.Tag == tag ? task : null;
    }
}
