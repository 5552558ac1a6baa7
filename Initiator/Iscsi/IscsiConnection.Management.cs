using Weft.Initiator.Commands;
using Weft.Protocol.Iscsi;

namespace Weft.Initiator.Iscsi;

// Pings, task management, logout, text, asynchronous messages.
internal abstract partial class IscsiConnection
{
    // Pings: the silence is measured from the last PDU of any kind, so that traffic costs no timer work.

    private void OnPingTimer()
    {
        if (Phase != ConnectionPhase.FullFeature) return;
        var due = lastReceived + Timeouts.PingInterval;
        if (ping is not null)
        {
            if (Executor.Now >= due + Timeouts.PingTimeout)
            {
                Lose(new(LossKind.PingTimeout, $"nothing received for {Executor.Now - lastReceived}"));
                return;
            }
            pingTimer.Arm(due + Timeouts.PingTimeout);
            return;
        }
        if (Executor.Now < due)
        {
            pingTimer.Arm(due);
            return;
        }
        if (CanSendControl && Tasks.TryBegin(TaskKind.Ping, null, out var task))
        {
            ping = task;
            SendControl(task, new NopOutPdu
            {
                Immediate = true, InitiatorTaskTag = task.Tag, TargetTransferTag = TaskTag.Reserved,
                CmdSn = window.NextCmdSn, ExpStatSn = expStatSn,
            }.Bhs, default);
            pingTimer.Arm(Executor.Now + Timeouts.PingTimeout);
        }
        else
        {
            pingTimer.Arm(Executor.Now + Duration.FromSeconds(1)); // no buffer free: sends are stuck, and their own retries will tell
        }
    }

    private void EndPing()
    {
        var task = ping!;
        ping = null;
        task.IsAnswered = true;
        pingTimer.Arm(Executor.Now + Timeouts.PingInterval);
        Settle(task);
    }

    private void OnNopIn(in NopInPdu nop)
    {
        if (!nop.InitiatorTaskTag.IsReserved)
        {
            CountStatus(nop.StatSn);
            if (ping is not null && nop.InitiatorTaskTag == ping.Tag) EndPing();
            else Tolerate(new("itt-unknown", "RFC 7143 §11.19", $"NOP-In to tag {nop.InitiatorTaskTag}"));
            return;
        }
        if (!nop.TargetTransferTag.IsReserved) AnswerPing(nop); // otherwise it only moves the window
    }

    /// <summary>Answers a ping of the target: immediate, with its tag and LUN, without data. RFC 7143 §11.18.</summary>
    internal virtual void AnswerPing(in NopInPdu nop)
    {
        if (!CanSendControl)
        {
            Tolerate(new("nop-flood", "RFC 7143 §11.19", "more pings than send buffers"));
            return;
        }
        SendControl(null, new NopOutPdu
        {
            Immediate = true, Lun = nop.Lun, InitiatorTaskTag = TaskTag.Reserved, TargetTransferTag = nop.TargetTransferTag,
            CmdSn = window.NextCmdSn, ExpStatSn = expStatSn,
        }.Bhs, default);
    }

    // Task management: one function at a time, as every initiator does; others wait their turn.

    public void StartTaskManagement(TaskManagementJob job)
    {
        if (Phase != ConnectionPhase.FullFeature)
        {
            job.Finished(TaskManagementOutcome.ConnectionLost);
            return;
        }
        jobs.Enqueue(job);
        StartNextJob();
    }

    private void StartNextJob()
    {
        while (Phase == ConnectionPhase.FullFeature && management is null && CanSendControl && jobs.TryPeek(out var job))
        {
            var target = job.Command?.Task as IscsiTask;
            if (job.Function == TaskFunction.AbortTask && target is not { Kind: TaskKind.Command, IsAnswered: false })
            {
                jobs.Dequeue();
                job.Finished(TaskManagementOutcome.TaskNotFound);
                continue;
            }
            if (!Tasks.TryBegin(TaskKind.TaskManagement, null, out var task)) return;
            jobs.Dequeue();
            task.Job = job;
            management = task;
            taskManagementTimer.Arm(Executor.Now + job.Timeout);
            SendControl(task, new TaskManagementRequestPdu
            {
                Immediate = true,
                Function = NumberOf(job.Function),
                Lun = job.Lun,
                InitiatorTaskTag = task.Tag,
                ReferencedTaskTag = target?.Tag ?? TaskTag.Reserved,
                CmdSn = window.NextCmdSn,
                ExpStatSn = expStatSn,
                RefCmdSn = target?.CmdSn ?? default,
            }.Bhs, default);
        }
    }

    private static TaskManagementFunction NumberOf(TaskFunction function) => function switch
    {
        TaskFunction.AbortTask => TaskManagementFunction.AbortTask,
        TaskFunction.AbortTaskSet => TaskManagementFunction.AbortTaskSet,
        TaskFunction.ClearTaskSet => TaskManagementFunction.ClearTaskSet,
        TaskFunction.LunReset => TaskManagementFunction.LogicalUnitReset,
        TaskFunction.TargetReset => TaskManagementFunction.TargetWarmReset,
        _ => TaskManagementFunction.TargetColdReset,
    };

    private void OnTaskManagementResponse(in TaskManagementResponsePdu response)
    {
        if (Tasks.Find(response.InitiatorTaskTag) is not { Kind: TaskKind.TaskManagement, IsAnswered: false } task)
        {
            LoseByViolation(new("itt-unknown", "RFC 7143 §11.6", $"Task Management Response to tag {response.InitiatorTaskTag}"));
            return;
        }
        OnTaskManagementAnswer(task, response.Response switch
        {
            TaskManagementResponseCode.Complete or TaskManagementResponseCode.FunctionSucceeded => TaskManagementOutcome.Complete,
            TaskManagementResponseCode.TaskDoesNotExist => TaskManagementOutcome.TaskNotFound,
            TaskManagementResponseCode.LunDoesNotExist => TaskManagementOutcome.LunNotFound,
            TaskManagementResponseCode.FunctionNotSupported => TaskManagementOutcome.NotSupported,
            _ => TaskManagementOutcome.Rejected,
        });
    }

    private void OnTaskManagementAnswer(IscsiTask task, TaskManagementOutcome outcome)
    {
        var job = task.Job;
        var isLate = task.IsAbandoned;
        task.IsAnswered = true;
        if (!isLate)
        {
            management = null;
            taskManagementTimer.Cancel();
            if (outcome == TaskManagementOutcome.Complete) EndCovered(job!);
        }
        Settle(task); // may end it at once; job was read before
        if (!isLate)
        {
            job!.Finished(outcome);
            StartNextJob();
        }
    }

    /// <summary>
    /// The target has ended these commands and moves no data of theirs any more (RFC 7145 §7.3.7): no response will come.
    /// </summary>
    internal virtual void EndCovered(TaskManagementJob job)
    {
        isEndingTasks = true; // a command that is sent again from its callback must not be taken for one of the ended ones
        foreach (var task in Tasks.All)
            if (task is { Kind: TaskKind.Command, IsAnswered: false } && job.Covers(task.Command!)) Answer(task, job.CommandOutcome);
        isEndingTasks = false;
    }

    private void OnTaskManagementTimeout()
    {
        if (management is not { } task) return;
        var job = task.Job!;
        management = null;
        task.IsAbandoned = true; // its tag stays taken: the answer may still come
        job.Finished(TaskManagementOutcome.TimedOut);
        StartNextJob();
    }

    private void EndAllJobs()
    {
        if (management is { } task)
        {
            management = null;
            task.IsAbandoned = true;
            task.Job!.Finished(TaskManagementOutcome.ConnectionLost);
        }
        while (jobs.TryDequeue(out var job)) job.Finished(TaskManagementOutcome.ConnectionLost);
    }

    // Logout.

    /// <summary>Logs out: nothing new starts, running commands are the target's to end. The connection is lost when the answer is there.</summary>
    public void LogOut()
    {
        if (Phase != ConnectionPhase.FullFeature)
        {
            Lose(new(LossKind.Dropped, "closed before it was logged in"));
            return;
        }
        if (!CanSendControl || !Tasks.TryBegin(TaskKind.Logout, null, out var task))
        {
            Lose(new(LossKind.Dropped, "no buffer to log out with"));
            return;
        }
        Phase = ConnectionPhase.LoggingOut;
        pingTimer.Cancel();
        phaseTimer.Arm(Executor.Now + Timeouts.Logout);
        SendControl(task, new LogoutRequestPdu
        {
            Immediate = true, Reason = LogoutReason.CloseSession, InitiatorTaskTag = task.Tag, Cid = Settings.Login.Cid,
            CmdSn = window.NextCmdSn, ExpStatSn = expStatSn,
        }.Bhs, default);
    }

    private void OnLogoutResponse(in LogoutResponsePdu response)
    {
        if (Tasks.Find(response.InitiatorTaskTag) is not { Kind: TaskKind.Logout })
        {
            LoseByViolation(new("itt-unknown", "RFC 7143 §11.15", $"Logout Response to tag {response.InitiatorTaskTag}"));
            return;
        }
        // Time2Wait counts where the connection could not be cleaned up. RFC 7143 §11.15.3
        Duration? wait = response.Response is LogoutResponseCode.RecoveryNotSupported or LogoutResponseCode.CleanupFailed
            ? Duration.FromSeconds(response.Time2Wait) : null;
        Lose(new(LossKind.LoggedOut, $"{response.Response}", Time2Wait: wait));
    }

    // Text: discovery.

    /// <summary>
    /// Sends a Text Request, or goes on with one whose answer was not final (under the same tag: RFC 7143 §11.10.4). False if there is no
    /// buffer. The answer comes to the owner.
    /// </summary>
    public bool SendText(ReadOnlySpan<byte> text, TaskTag transferTag)
    {
        if (Phase != ConnectionPhase.FullFeature || !CanSendControl) return false;
        if (textTask is null && !Tasks.TryBegin(TaskKind.Text, null, out textTask)) return false;
        SendControl(textTask, new TextRequestPdu
        {
            InitiatorTaskTag = textTask.Tag, TargetTransferTag = transferTag, CmdSn = TakeCmdSn(), ExpStatSn = expStatSn,
            DataSegmentLength = text.Length,
        }.Bhs, text);
        return true;
    }

    private void OnTextResponse(in TextResponsePdu response, ReadOnlySpan<byte> text)
    {
        if (textTask is not { } task || response.InitiatorTaskTag != task.Tag)
        {
            LoseByViolation(new("itt-unknown", "RFC 7143 §11.11", $"Text Response to tag {response.InitiatorTaskTag}"));
            return;
        }
        if (response.Final && !response.Continue)
        {
            textTask = null;
            task.IsAnswered = true;
            Settle(task);
        }
        Owner.OnText(this, response, text);
    }

    // What the target says on its own. RFC 7143 §11.9.

    private void OnAsyncMessage(in AsyncMessagePdu message, ReadOnlySpan<byte> data)
    {
        Owner.OnAsyncMessage(message, data);
        if (!IsOpen) return;
        switch (message.Event)
        {
            case IscsiEvent.LogoutRequested:
                if (Phase == ConnectionPhase.FullFeature) LogOut();
                break;
            case IscsiEvent.ConnectionWillDrop when message.Parameter1 == Settings.Login.Cid:
            case IscsiEvent.SessionWillDrop:
                time2Wait = Duration.FromSeconds(message.Parameter2); // the target drops it; this says when to come back
                break;
            case IscsiEvent.NegotiationRequested:
                Lose(new(LossKind.Dropped, "the target asks for negotiation, which only a new login brings"));
                break;
            case IscsiEvent.TasksTerminated:
                EndTerminated(message.Lun);
                break;
        }
    }

    private void EndTerminated(Lun lun)
    {
        isEndingTasks = true;
        foreach (var task in Tasks.All)
            if (task is { Kind: TaskKind.Command, IsAnswered: false } && task.Command!.Lun == lun) Answer(task, CommandOutcome.Reset);
        isEndingTasks = false;
    }
}
