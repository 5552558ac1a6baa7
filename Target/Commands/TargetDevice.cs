using Weft.Protocol.Scsi;
using Weft.Target.Luns;

namespace Weft.Target.Commands;

/// <summary>
/// A SCSI target device: logical units, who may see them, and the nexuses through which commands come. All front ends share it.
/// Everything is called on the executor of the target's node.
/// </summary>
public class TargetDevice
{
    /// <summary>A front end's buffer has at least this many bytes when so many are wanted; parameter lists are never longer.</summary>
    public const int SmallestBuffer = 64 * 1024;

    private readonly List<Nexus> nexuses = [];
    private readonly AbsentUnit absent = new();
    private readonly bool announcesPowerOn;

    /// <param name="name">For traces.</param>
    /// <param name="announcesPowerOn">
    /// The first command of a new nexus on each unit ends with UNIT ATTENTION, POWER ON OCCURRED, as SAM-5 §6.3.1 has it; Linux targets
    /// leave it out.
    /// </param>
    public TargetDevice(string name, bool announcesPowerOn = true)
    {
        (Name, this.announcesPowerOn) = (name, announcesPowerOn);
        Luns.Changed += Remap;
    }

    public string Name { get; }
    public LunMap Luns { get; } = new();
    public IReadOnlyList<Nexus> Nexuses => nexuses;

    /// <summary>A new session: resolves what the initiator sees.</summary>
    public Nexus OpenNexus(ITaskPort port, NexusIdentity identity)
    {
        var nexus = new Nexus(this, port, identity);
        nexuses.Add(nexus);
        Map(nexus);
        return nexus;
    }

    /// <summary>
    /// The session is gone: its tasks are aborted without response, then <see cref="ITaskPort.NexusClosed"/> comes, perhaps inside this
    /// call. Moves under way are stopped by <see cref="ITaskPort.StopTransfer"/> and must still be answered, so that nothing is freed
    /// while the wire or the back end uses it. A second call does nothing.
    /// </summary>
    public void CloseNexus(Nexus nexus)
    {
        if (nexus.IsClosing) return;
        nexus.IsClosing = true;
        AbortSilently(nexus, null);
        TaskEnded(nexus);
    }

    /// <summary>
    /// Takes a command. It may end before this returns.
    /// </summary>
    /// <exception cref="InvalidOperationException">The task is in the core already, or the nexus is closed.</exception>
    public void Submit(Nexus nexus, ScsiTask task)
    {
        if (nexus.IsClosing) throw new InvalidOperationException($"{nexus} is closed");
        if (task.State != TaskState.Idle) throw new InvalidOperationException($"submitted in {task.State}: {task}");
        task.Prepare(nexus);
        if (!nexus.Tasks.TryAdd(task.Tag, task))
        {
            Overlap(nexus, task);
            return;
        }
        task.NexusUnit = nexus.Find(task.Lun);
        (task.NexusUnit?.Unit ?? absent).Accept(task);
    }

    /// <summary>
    /// A tag that is in use: everything of this nexus on the unit of the older command is aborted, and the newer ends with OVERLAPPED
    /// COMMANDS ATTEMPTED once those have stopped. SAM-5 §5.11.
    /// </summary>
    private void Overlap(Nexus nexus, ScsiTask task)
    {
        nexus.Overlapped.Add(task);
        AbortSilently(nexus, nexus.Tasks[task.Tag].Unit);
        TaskEnded(nexus);
    }

    /// <summary>Takes a task management function; the answer may come before this returns.</summary>
    public void Manage(Nexus nexus, TaskManagementRequest request)
    {
        if (nexus.IsClosing) throw new InvalidOperationException($"{nexus} is closed");
        (request.Nexus, request.Response, request.Pending) = (nexus, TaskManagementResponse.FunctionComplete, 0);
        (request.IsScanning, request.IsAnswered) = (true, false);
        nexus.FunctionCount++;
        LogicalUnit answering = absent;
        if (request.Function is TaskManagementFunction.TargetWarmReset or TaskManagementFunction.TargetColdReset or TaskManagementFunction.NexusReset)
            foreach (var entry in nexus.Units)
            {
                if (answering == absent) answering = entry.Unit;
                entry.Unit.Manage(request, nexus, entry);
            }
        else if (nexus.Find(request.Lun) is { } found)
        {
            answering = found.Unit;
            answering.Manage(request, nexus, found);
        }
        else request.Response = TaskManagementResponse.LunDoesNotExist;
        request.IsScanning = false;
        answering.Answer(request);
    }

    internal void TaskEnded(Nexus nexus)
    {
        while (nexus.AbortedCount == 0 && nexus.Overlapped.Count > 0)
        {
            var task = nexus.Overlapped[0];
            nexus.Overlapped.RemoveAt(0);
            (task.Status, task.Sense) = (ScsiStatus.CheckCondition, new(SenseKey.AbortedCommand, AdditionalSense.OverlappedCommands));
            (task.DataInResidual, task.DataOutResidual) = (-task.DataInLength, -task.DataOutLength);
            if (nexus.IsClosing) nexus.Port.Drop(task);
            else nexus.Port.Finish(task);
        }
        if (!nexus.IsClosing || nexus.IsClosed || nexus.Tasks.Count + nexus.EndingCount + nexus.FunctionCount > 0) return;
        nexus.IsClosed = true;
        nexuses.Remove(nexus);
        for (var i = nexus.Units.Count - 1; i >= 0; i--) nexus.Units[i].Unit.Detach(nexus.Units[i]);
        nexus.Port.NexusClosed(nexus);
    }

    private void Map(Nexus nexus)
    {
        foreach (var entry in Luns.For(nexus.Identity.InitiatorName).Luns)
        {
            var unit = new NexusUnit(nexus, entry.Number, entry.Unit, entry.IsReadOnly);
            if (announcesPowerOn) unit.Establish(UnitAttention.PowerOn);
            nexus.Add(unit);
            entry.Unit.Attach(unit);
        }
    }

    /// <summary>The LUN map has changed: every nexus gets the difference, and is told on the units that stay. SPC-4 §6.33.</summary>
    private void Remap()
    {
        foreach (var nexus in nexuses.ToArray())
            if (!nexus.IsClosing && Remap(nexus))
                foreach (var unit in nexus.Units) unit.Establish(UnitAttention.ReportedLunsChanged);
    }

    /// <summary>Walks the two ascending lists side by side.</summary>
    private static bool Remap(Nexus nexus)
    {
        var wanted = nexus.Target.Luns.For(nexus.Identity.InitiatorName).Luns;
        var (changed, w, u) = (false, 0, 0);
        while (w < wanted.Count || u < nexus.Units.Count)
        {
            var entry = w < wanted.Count ? wanted[w] : null;
            var unit = u < nexus.Units.Count ? nexus.Units[u] : null;
            if (entry is not null && unit is not null && entry.Number == unit.Number && entry.Unit == unit.Unit)
            {
                unit.IsReadOnly = entry.IsReadOnly;
                (w, u) = (w + 1, u + 1);
                continue;
            }
            changed = true;
            if (unit is not null && (entry is null || unit.Number <= entry.Number))
            {
                nexus.Remove(unit);
                unit.Unit.Detach(unit);
                continue;
            }
            var added = new NexusUnit(nexus, entry!.Number, entry.Unit, entry.IsReadOnly);
            nexus.Add(added);
            entry.Unit.Attach(added);
            (w, u) = (w + 1, u + 1);
        }
        return changed;
    }

    /// <summary>Aborts the tasks of a nexus, or those of one unit, without a word to anyone: first marks all, then stops them by tag.</summary>
    private static void AbortSilently(Nexus nexus, LogicalUnit? only)
    {
        var marked = new List<(ScsiTask Task, int Serial)>();
        foreach (var task in nexus.Tasks.Values)
            if ((only is null || task.Unit == only) && task.Unit!.Mark(task, null, answers: false)) marked.Add((task, task.Serial));
        marked.Sort((a, b) => a.Task.Tag.CompareTo(b.Task.Tag)); // a dictionary has no order
        foreach (var (task, serial) in marked)
            if (task.Serial == serial && task.State != TaskState.Idle) task.Unit!.Stop(task);
    }
}
