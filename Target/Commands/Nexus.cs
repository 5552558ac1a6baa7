using Weft.Protocol.Scsi;

namespace Weft.Target.Commands;

/// <summary>An I_T nexus: one initiator port logged in to one target port, with the logical units it may see. SAM-5 §4.6.</summary>
public sealed class Nexus
{
    internal readonly Dictionary<ulong, ScsiTask> Tasks = [];
    internal readonly List<ScsiTask> Overlapped = []; // refused, but not answered before the tasks they ran into have stopped
    internal int AbortedCount;
    internal int EndingCount; // out of the task set, not yet handed to the front end
    internal int FunctionCount; // task management functions without an answer
    private readonly List<NexusUnit> units = [];

    internal Nexus(TargetDevice target, ITaskPort port, NexusIdentity identity) => (Target, Port, Identity) = (target, port, identity);

    public TargetDevice Target { get; }
    public ITaskPort Port { get; }
    public NexusIdentity Identity { get; }
    /// <summary>The units this initiator sees, by ascending LUN.</summary>
    public IReadOnlyList<NexusUnit> Units => units;
    /// <summary>Commands in the core.</summary>
    public int TaskCount => Tasks.Count;
    public bool IsClosing { get; internal set; }
    public bool IsClosed { get; internal set; }
    /// <summary>For the front end's own use.</summary>
    public object? Context { get; set; }

    /// <summary>The unit under this number, or null.</summary>
    public NexusUnit? Find(Lun lun)
    {
        var number = lun.Number;
        if (number < 0) return null;
        var (low, high) = (0, units.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var found = units[middle];
            if (found.Number == number) return found;
            if (found.Number < number) low = middle + 1;
            else high = middle - 1;
        }
        return null;
    }

    internal void Add(NexusUnit unit)
    {
        var at = units.Count;
        while (at > 0 && units[at - 1].Number > unit.Number) at--;
        units.Insert(at, unit);
    }

    internal void Remove(NexusUnit unit) => units.Remove(unit);

    public override string ToString() => $"{Identity.InitiatorPort} -> {Identity.TargetPortName}";
}
