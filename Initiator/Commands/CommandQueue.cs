using System.Diagnostics.CodeAnalysis;

namespace Weft.Initiator.Commands;

/// <summary>A first-in first-out list of commands through their own links: no allocation, removal from the middle in one step.</summary>
internal sealed class CommandQueue
{
    public DiskCommand? First { get; private set; }
    private DiskCommand? last;
    public int Count { get; private set; }

    public void Add(DiskCommand command) => Insert(command, last, null);

    /// <summary>Puts a command at the head: one that is sent again keeps its place before later ones.</summary>
    public void AddFirst(DiskCommand command) => Insert(command, null, First);

    private void Insert(DiskCommand command, DiskCommand? before, DiskCommand? after)
    {
        if (command.Queue is not null) throw new InvalidOperationException("the command is in a queue already");
        (command.Previous, command.Next, command.Queue) = (before, after, this);
        if (before is null) First = command; else before.Next = command;
        if (after is null) last = command; else after.Previous = command;
        Count++;
    }

    public void Remove(DiskCommand command)
    {
        if (command.Queue != this) throw new InvalidOperationException("the command is not in this queue");
        if (command.Previous is null) First = command.Next; else command.Previous.Next = command.Next;
        if (command.Next is null) last = command.Previous; else command.Next.Previous = command.Previous;
        (command.Previous, command.Next, command.Queue) = (null, null, null);
        Count--;
    }

    public bool TryTake([MaybeNullWhen(false)] out DiskCommand command)
    {
        command = First;
        if (command is null) return false;
        Remove(command);
        return true;
    }
}
