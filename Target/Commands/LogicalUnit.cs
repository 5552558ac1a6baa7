using Weft.Protocol.Scsi;

namespace Weft.Target.Commands;

/// <summary>
/// A logical unit's task set and task manager: order by task attribute, steps of the running commands, aborts, unit attentions.
/// Derived classes are device servers. The small virtual methods are decisions that targets have got wrong; a test puts a fault back by
/// overriding one.
/// </summary>
public abstract class LogicalUnit
{
    private readonly List<NexusUnit> nexuses = [];
    private ScsiTask? oldest, youngest;
    private int headOfQueueCount, orderedCount, dormantCount;
    private bool isReleasing;

    /// <summary>Commands in the task set, of all initiators.</summary>
    public int TaskCount { get; private set; }

    /// <summary>Every I_T nexus that sees this unit, in the order in which they came.</summary>
    public IReadOnlyList<NexusUnit> Nexuses => nexuses;

    /// <summary>TAS of the control mode page: tasks aborted by another nexus answer TASK ABORTED. SPC-4 §7.5.8.</summary>
    protected virtual bool ReportsTaskAborted => true;

    /// <summary>D_SENSE of the control mode page.</summary>
    protected virtual bool UsesDescriptorSense => false;

    // ---- decisions ----

    /// <summary>Whether a command may start, or has to wait for others of the task set. SAM-5 §8.6.</summary>
    protected virtual bool MayStart(ScsiTask task)
    {
        switch (task.Attribute)
        {
            case TaskAttribute.Ordered:
                return headOfQueueCount == 0 && task.Older is null;
            case TaskAttribute.Simple:
                if (headOfQueueCount != 0) return false;
                if (orderedCount == 0) return true;
                for (var older = task.Older; older is not null; older = older.Older)
                    if (older.Attribute == TaskAttribute.Ordered) return false;
                return true;
            default:
                return true;
        }
    }

    /// <summary>
    /// Whether an abort still reaches a command. It does as long as the command is in the task set: one that is told to be aborted must
    /// not answer any more, however far it has come. SAM-5 §7.2.
    /// </summary>
    protected virtual bool AbortReaches(ScsiTask task) => true;

    /// <summary>
    /// Whether an aborted task must stay until its data stops moving. It must: the front end's buffer and the initiator's memory are in
    /// use, and the back end will still answer.
    /// </summary>
    protected virtual bool MustStopFirst(ScsiTask task) => task.State is TaskState.DataOut or TaskState.DataIn or TaskState.Store;

    /// <summary>Whether a function may be answered: only when every task that it aborts has stopped. RFC 7143 §4.2.3.3, RFC 7145 §9.</summary>
    protected internal virtual bool MayAnswer(TaskManagementRequest request) => request.Pending == 0;

    /// <summary>Whether a function from this nexus concerns a task of this unit.</summary>
    protected virtual bool Concerns(TaskManagementFunction function, Nexus nexus, ScsiTask task) => function switch
    {
        TaskManagementFunction.AbortTaskSet or TaskManagementFunction.NexusReset => task.Nexus == nexus,
        TaskManagementFunction.ClearTaskSet or TaskManagementFunction.LogicalUnitReset
            or TaskManagementFunction.TargetWarmReset or TaskManagementFunction.TargetColdReset => true,
        _ => false,
    };

    /// <summary>Whether a command is told of a pending unit attention instead of being done. SPC-4 §4.5.1, SAM-5 §5.14.</summary>
    protected virtual bool ReportsAttention(ScsiTask task) =>
        task.Cdb.Opcode is not (ScsiOpcode.Inquiry or ScsiOpcode.ReportLuns or ScsiOpcode.RequestSense)
        && !(task.Cdb.Opcode == ScsiOpcode.MaintenanceIn && task.Cdb.Action == ServiceAction.ReportTargetPortGroups);

    // ---- device server ----

    /// <summary>First step of a command: checks it and sets out. Called once, before any <see cref="Continue"/>.</summary>
    protected abstract Step Begin(ScsiTask task);

    /// <summary>A step after an answer, or after <see cref="Step.Again"/>.</summary>
    protected abstract Step Continue(ScsiTask task);

    /// <summary>Back to the state after power on, as far as a reset of the unit goes that far. SAM-5 §6.3.3.</summary>
    protected virtual void Reset()
    {
    }

    /// <summary>A nexus is gone: what it held is given up. SAM-5 §6.3.4.</summary>
    protected virtual void NexusLost(Nexus nexus)
    {
    }

    /// <summary>Ends a command with CHECK CONDITION.</summary>
    protected static Step Check(ScsiTask task, Sense sense)
    {
        (task.Status, task.Sense) = (ScsiStatus.CheckCondition, sense);
        return Step.End;
    }

    /// <summary>Makes a condition pending for every nexus, but perhaps one.</summary>
    public void Establish(UnitAttention attention, Nexus? except = null)
    {
        foreach (var nexus in nexuses)
            if (nexus.Nexus != except) nexus.Establish(attention);
    }

    // ---- task set ----

    internal void Attach(NexusUnit nexus) => nexuses.Add(nexus);

    internal void Detach(NexusUnit nexus)
    {
        nexuses.Remove(nexus);
        foreach (var other in nexuses)
            if (other.Nexus == nexus.Nexus) return; // the same initiator still sees the unit under another number
        NexusLost(nexus.Nexus);
    }

    internal void Accept(ScsiTask task)
    {
        task.Unit = this;
        (task.Older, task.Younger) = (youngest, null);
        if (youngest is null) oldest = task;
        else youngest.Younger = task;
        youngest = task;
        TaskCount++;
        if (task.Attribute == TaskAttribute.HeadOfQueue) headOfQueueCount++;
        if (task.Attribute == TaskAttribute.Ordered) orderedCount++;
        if (MayStart(task)) Start(task);
        else
        {
            task.Enter(TaskState.Dormant);
            dormantCount++;
        }
    }

    private void Start(ScsiTask task)
    {
        task.Enter(TaskState.Enabled);
        Run(task);
    }

    /// <summary>Takes steps until one has to wait. Answers that come inside a step are taken up here, so that nothing nests.</summary>
    private void Run(ScsiTask task)
    {
        if (task.IsRunning)
        {
            task.HasEvent = true;
            return;
        }
        task.IsRunning = true;
        while (true)
        {
            task.HasEvent = false;
            var step = task.IsTransferBad ? Check(task, task.TransferError) : TakeStep(task);
            if (task.State is TaskState.StopPort or TaskState.StopStore) // aborted from inside the step
            {
                task.IsRunning = false;
                if (task.HasEvent) End(task);
                return;
            }
            if (step == Step.End || task.IsAborted && task.State is (TaskState.Enabled or TaskState.AwaitBuffer))
            {
                task.IsRunning = false;
                End(task);
                return;
            }
            if (step == Step.Again || task.HasEvent) continue;
            task.IsRunning = false;
            return;
        }
    }

    private Step TakeStep(ScsiTask task)
    {
        if (task.Phase >= 0) return Continue(task);
        task.Phase = 0;
        if (ReportsAttention(task) && task.NexusUnit is { } nexus && nexus.TryTake(out var sense)) return Check(task, sense);
        return task.Attribute == TaskAttribute.Aca ? Check(task, new(SenseKey.AbortedCommand, AdditionalSense.InvalidMessage)) : Begin(task);
    }

    internal void Resume(ScsiTask task)
    {
        task.Enter(TaskState.Enabled);
        Run(task);
    }

    internal void TransferEnded(ScsiTask task) => Answered(task);

    internal void StoreAnswered(ScsiTask task)
    {
        if (task.State is not (TaskState.Store or TaskState.StopStore))
            throw new InvalidOperationException($"The back end answered in {task.State}: {task}");
        Answered(task);
    }

    private void Answered(ScsiTask task)
    {
        if (task.State is not (TaskState.StopPort or TaskState.StopStore))
        {
            Resume(task);
            return;
        }
        if (task.IsRunning) task.HasEvent = true; // the step that asked is still on the stack; Run ends the task
        else End(task);
    }

    /// <summary>
    /// The one place where a command leaves the task set: exactly one outcome, whatever raced. It has left before the front end is called,
    /// since giving a buffer back may let other commands run, and even close the nexus.
    /// </summary>
    private void End(ScsiTask task)
    {
        var (nexus, port, buffer) = (task.Nexus!, task.Nexus!.Port, task.Buffer);
        var responds = task.State == TaskState.Enabled && !task.IsAborted;
        Unlink(task);
        nexus.Tasks.Remove(task.Tag);
        if (task.IsAborted) nexus.AbortedCount--;
        nexus.EndingCount++;
        task.Enter(TaskState.Idle);
        task.Buffer = null;
        if (buffer is not null) port.ReturnBuffer(task, buffer);
        if (!responds && task.AnswersTaskAborted) (task.Status, task.Sense, responds) = (ScsiStatus.TaskAborted, default, true);
        SetResiduals(task);
        task.IsDescriptorSense = UsesDescriptorSense;
        var waiters = task.Waiters is { Count: > 0 } some ? some.ToArray() : [];
        if (responds && !nexus.IsClosing) port.Finish(task);
        else port.Drop(task); // from here on the task may be in use again
        nexus.EndingCount--;
        foreach (var request in waiters) Stopped(request);
        if (dormantCount > 0) ReleaseDormant();
        nexus.Target.TaskEnded(nexus);
    }

    /// <summary>
    /// With GOOD: what the command needed against what the initiator had. Otherwise what was moved counts. The direction that the command
    /// does not use is unused room. RFC 7143 §11.4.5, SRP §6.9.
    /// </summary>
    private static void SetResiduals(ScsiTask task)
    {
        var count = task.Status is ScsiStatus.Good or ScsiStatus.ConditionMet ? task.Needed : task.Offset;
        var direction = task.Cdb.Direction;
        task.DataInResidual = (direction == DataDirection.In ? count : 0) - task.DataInLength;
        task.DataOutResidual = (direction == DataDirection.Out ? count : 0) - task.DataOutLength;
    }

    private void Unlink(ScsiTask task)
    {
        if (task.Older is null) oldest = task.Younger;
        else task.Older.Younger = task.Younger;
        if (task.Younger is null) youngest = task.Older;
        else task.Younger.Older = task.Older;
        (task.Older, task.Younger) = (null, null);
        TaskCount--;
        if (task.Attribute == TaskAttribute.HeadOfQueue) headOfQueueCount--;
        if (task.Attribute == TaskAttribute.Ordered) orderedCount--;
        if (task.State == TaskState.Dormant) dormantCount--;
    }

    private void ReleaseDormant()
    {
        if (isReleasing) return; // the loop below sees what changed
        isReleasing = true;
        for (var task = oldest; task is not null;)
        {
            if (task.State != TaskState.Dormant || !MayStart(task))
            {
                task = task.Younger;
                continue;
            }
            dormantCount--;
            Start(task);
            task = dormantCount > 0 ? oldest : null; // starting may have ended any of them
        }
        isReleasing = false;
    }

    // ---- task management ----

    internal void Manage(TaskManagementRequest request, Nexus nexus, NexusUnit? from)
    {
        switch (request.Function)
        {
            case TaskManagementFunction.AbortTask:
                AbortOne(request, nexus);
                return;
            case TaskManagementFunction.QueryTask:
                request.Response = nexus.Tasks.TryGetValue(request.ReferencedTag, out var asked) && asked.Unit == this && !asked.IsAborted
                    ? TaskManagementResponse.FunctionSucceeded
                    : TaskManagementResponse.FunctionComplete;
                return;
            case TaskManagementFunction.QueryTaskSet:
                for (var task = oldest; task is not null; task = task.Younger)
                    if (task.Nexus == nexus && !task.IsAborted) request.Response = TaskManagementResponse.FunctionSucceeded;
                return;
            case TaskManagementFunction.QueryAsynchronousEvent:
                if (from is { HasAttention: true }) request.Response = TaskManagementResponse.FunctionSucceeded;
                return;
            case TaskManagementFunction.ClearAca:
                request.Response = TaskManagementResponse.NotSupported; // NORMACA is 0: there is never one
                return;
        }
        AbortMany(request, nexus);
        switch (request.Function)
        {
            case TaskManagementFunction.LogicalUnitReset or TaskManagementFunction.TargetWarmReset:
                Reset();
                Establish(UnitAttention.DeviceReset);
                break;
            case TaskManagementFunction.TargetColdReset:
                Reset();
                Establish(UnitAttention.PowerOn);
                break;
            case TaskManagementFunction.NexusReset:
                NexusLost(nexus);
                from?.Establish(UnitAttention.NexusLoss);
                break;
        }
    }

    private void AbortOne(TaskManagementRequest request, Nexus nexus)
    {
        if (nexus.Tasks.TryGetValue(request.ReferencedTag, out var task) && task.Unit == this)
        {
            if (Mark(task, request, answers: false)) Stop(task);
        }
        else request.Response = TaskManagementResponse.TaskDoesNotExist;
    }

    /// <summary>First marks every task concerned, then stops them: ending one may end, start and reuse others.</summary>
    private void AbortMany(TaskManagementRequest request, Nexus nexus)
    {
        var marked = new List<(ScsiTask Task, int Serial)>();
        for (var task = oldest; task is not null; task = task.Younger)
        {
            if (!Concerns(request.Function, nexus, task)) continue;
            var isOthers = task.Nexus != nexus;
            if (isOthers && !ReportsTaskAborted && request.Function == TaskManagementFunction.ClearTaskSet)
                task.NexusUnit?.Establish(UnitAttention.CommandsCleared);
            if (Mark(task, request, isOthers && ReportsTaskAborted)) marked.Add((task, task.Serial));
        }
        var outer = isReleasing;
        isReleasing = true; // nothing starts between two aborts
        foreach (var (task, serial) in marked)
            if (task.Serial == serial && task.State != TaskState.Idle) Stop(task);
        isReleasing = outer;
        if (dormantCount > 0) ReleaseDormant();
    }

    /// <summary>
    /// Marks a task as aborted. A second abort only adds a waiter, or takes the response away when the nexus itself wants silence.
    /// </summary>
    /// <returns>Whether the task now has to be stopped.</returns>
    internal bool Mark(ScsiTask task, TaskManagementRequest? request, bool answers)
    {
        if (!AbortReaches(task)) return false;
        if (request is not null)
        {
            (task.Waiters ??= []).Add(request);
            request.Pending++;
        }
        task.AnswersTaskAborted = answers && (!task.IsAborted || task.AnswersTaskAborted);
        if (task.IsAborted) return false;
        task.IsAborted = true;
        task.Nexus!.AbortedCount++;
        return true;
    }

    /// <summary>Ends a marked task at once when nothing of it moves; otherwise it stops first, and ends then.</summary>
    internal void Stop(ScsiTask task)
    {
        if (task.IsRunning && task.State == TaskState.Enabled) return; // Run sees the mark when the step returns
        if (!MustStopFirst(task))
        {
            End(task);
            return;
        }
        if (task.State == TaskState.Store) task.Enter(TaskState.StopStore);
        else
        {
            task.Enter(TaskState.StopPort);
            task.Nexus!.Port.StopTransfer(task);
        }
    }

    private void Stopped(TaskManagementRequest request)
    {
        request.Pending--;
        if (!request.IsScanning) Answer(request);
    }

    /// <summary>Answers when it is time, once.</summary>
    internal void Answer(TaskManagementRequest request)
    {
        if (request.IsAnswered || !MayAnswer(request)) return;
        request.IsAnswered = true;
        var nexus = request.Nexus!;
        nexus.Port.ManagementDone(request);
        nexus.FunctionCount--;
        nexus.Target.TaskEnded(nexus);
    }
}
