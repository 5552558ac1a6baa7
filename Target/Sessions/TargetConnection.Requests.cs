using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Text;

namespace Weft.Target.Sessions;

// Full feature phase: order of requests, and all of them but SCSI commands and task management.
public abstract partial class TargetConnection
{
    private IscsiTask? freeTasks;
    private int tasksToMake;
    private PduQueue waiting; // in order, while no context is free
    private ReceivedPdu?[] ahead = []; // behind a hole in the command numbers
    private int immediates;
    private TextResponder? texts;
    private IscsiTask? logout;

    /// <summary>Allows so many more contexts for requests; each is made when it is first needed.</summary>
    protected void AddTasks(int count) => tasksToMake += count;

    private bool HasFreeTask => freeTasks is not null || tasksToMake > 0;

    private IscsiTask? TakeTask()
    {
        if (freeTasks is { } task) freeTasks = task.NextFree;
        else if (tasksToMake > 0)
        {
            tasksToMake--;
            task = CreateTask();
        }
        else return null;
        TasksInUse++;
        return task;
    }

    private void FreeTask(IscsiTask task)
    {
        if (!task.IsQuiet) throw new InvalidOperationException($"{Name}: a task was freed while the transport has work of it");
        task.NextFree = freeTasks;
        freeTasks = task;
    }

    private void ReceiveRequest(ReceivedPdu pdu)
    {
        var bhs = pdu.Bhs;
        switch (bhs.Opcode)
        {
            case IscsiOpcode.DataOut:
                ReceiveDataOut(pdu);
                return;
            case IscsiOpcode.LoginRequest:
                Close(CloseReason.ProtocolError, new("login-late", "RFC 7143 §6.3", "Login Request in full feature phase"));
                return;
            case IscsiOpcode.ScsiCommand or IscsiOpcode.TaskManagementRequest or IscsiOpcode.TextRequest or IscsiOpcode.LogoutRequest or IscsiOpcode.NopOut:
                break;
            default:
                Reject(pdu, bhs.Opcode == IscsiOpcode.SnackRequest ? RejectReason.SnackReject : RejectReason.CommandNotSupported);
                return;
        }
        if (bhs.Immediate)
        {
            if (immediates >= Host.Limits.MaxImmediate) Reject(pdu, RejectReason.TooManyImmediateCommands);
            else Execute(pdu, numbered: false);
            return;
        }
        var sn = new CmdSn(bhs.U32(24));
        var window = Session!.Window;
        switch (window.Receive(sn))
        {
            case WindowVerdict.Ready:
                Execute(pdu, numbered: true);
                ExecuteHeld();
                break;
            case WindowVerdict.Held:
                if (ahead.Length == 0) ahead = new ReceivedPdu?[RoundUp(window.Depth)];
                pdu.IsHeld = true;
                ahead[sn.Value & (uint)(ahead.Length - 1)] = pdu;
                break;
        }
    }

    private static int RoundUp(int depth) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)depth);

    /// <summary>A hole has closed: runs what waited behind it.</summary>
    private void ExecuteHeld()
    {
        while (State == ConnectionState.FullFeature && Session!.Window.TryTakeHeld(out var sn))
        {
            ref var slot = ref ahead[sn.Value & (uint)(ahead.Length - 1)];
            if (slot is not { } pdu)
            {
                Session.Window.Release(); // an ABORT TASK came in its place
                continue;
            }
            slot = null;
            pdu.IsHeld = false;
            Execute(pdu, numbered: true);
            if (!pdu.IsHeld) ReturnReceived(pdu);
        }
    }

    private void Execute(ReceivedPdu pdu, bool numbered)
    {
        pdu.IsNumbered = numbered;
        pdu.IsAborted = false;
        if (MustWait(HasFreeTask) || !waiting.IsEmpty)
        {
            pdu.IsHeld = true; // contexts come back as answers leave
            waiting.Add(pdu);
            return;
        }
        Run(pdu);
    }

    /// <summary>
    /// An initiator uses a place of the window again when it has seen the answer, and that may be before the answer's send completion is
    /// seen here: the request waits for a context.
    /// </summary>
    private protected virtual bool MustWait(bool hasContext) => !hasContext;

    private void Run(ReceivedPdu pdu)
    {
        if (pdu.IsAborted)
        {
            if (pdu.IsNumbered) Session!.Window.Release();
            return;
        }
        var task = TakeTask()!;
        task.Begin(pdu.Bhs, pdu.IsNumbered);
        if (task.IsImmediate) immediates++;
        switch (pdu.Bhs.Opcode)
        {
            case IscsiOpcode.ScsiCommand when !Session!.IsDiscovery:
                StartCommand(task, pdu);
                break;
            case IscsiOpcode.TaskManagementRequest when !Session!.IsDiscovery:
                StartManagement(task);
                break;
            case IscsiOpcode.TextRequest:
                AnswerText(task, pdu);
                break;
            case IscsiOpcode.LogoutRequest:
                StartLogout(task);
                break;
            case IscsiOpcode.NopOut:
                AnswerNop(task, pdu);
                break;
            default:
                Reject(task, RejectReason.ProtocolError); // not in a discovery session, RFC 7143 §4.3
                break;
        }
    }

    /// <summary>Gives a context back, and runs a request that waited for one.</summary>
    private void EndTask(IscsiTask task)
    {
        if (task.HoldsWindow) ReleaseWindow(task);
        if (task.IsImmediate) immediates--;
        TasksInUse--;
        FreeTask(task);
        while (State == ConnectionState.FullFeature && HasFreeTask && !waiting.IsEmpty)
        {
            var pdu = waiting.Take();
            pdu.IsHeld = false;
            Run(pdu);
            if (!pdu.IsHeld) ReturnReceived(pdu);
        }
        if (State >= ConnectionState.Closing) TryRelease();
    }

    private void ReleaseWindow(IscsiTask task)
    {
        if (!task.HoldsWindow) return;
        task.HoldsWindow = false;
        Session!.Window.Release();
    }

    /// <summary>Once the farewell has begun nothing is sent any more: it would go behind the marks that end the queues.</summary>
    private protected virtual bool MayAnswer => State < ConnectionState.Closing;

    /// <summary>Sends an answer: the place in the window is free again, and the numbers say so.</summary>
    private void Send<T>(IscsiTask task, T pdu)
        where T : struct, IPdu<T> => Send(task, pdu.Bhs, isCommand: false);

    private void Send(IscsiTask task, Bhs header, bool isCommand)
    {
        if (!MayAnswer)
        {
            EndDropped(task);
            return;
        }
        ReleaseWindow(task);
        header.Set32(24, TakeStatSn().Value);
        header.Set32(28, ExpCmdSn.Value);
        header.Set32(32, MaxCmdSn.Value);
        SendResponse(task, header, isCommand);
    }

    /// <summary>The answer has left and nothing of the task is with the transport any more, or never will be.</summary>
    protected void ResponseSent(IscsiTask task)
    {
        var closes = task.ClosesConnection;
        var reason = task.ClosesWith;
        EndTask(task);
        if (closes) Close(reason);
    }

    /// <summary>Refuses a PDU that did not become a task. Without a context free the connection is dropped.</summary>
    private void Reject(ReceivedPdu pdu, RejectReason reason)
    {
        if (TakeTask() is not { } task)
        {
            Close(CloseReason.ProtocolError, new("reject", "RFC 7143 §11.17", $"{reason} and no context to say so"));
            return;
        }
        task.Begin(pdu.Bhs, numbered: false);
        task.IsImmediate = false;
        Reject(task, reason);
    }

    private void Reject(IscsiTask task, RejectReason reason)
    {
        task.Header.Write(task.ResponseData);
        Send(task, new RejectPdu { Reason = reason, DataSegmentLength = Bhs.Length });
    }

    private void AnswerNop(IscsiTask task, ReceivedPdu pdu)
    {
        Pdu.TryView<NopOutPdu>(pdu.Bhs, out var nop);
        if (!nop.TargetTransferTag.IsReserved && !TakePingAnswer(nop.TargetTransferTag))
        {
            Reject(task, RejectReason.ProtocolError); // nothing was asked
            return;
        }
        if (nop.InitiatorTaskTag.IsReserved)
        {
            if (nop.Immediate) EndTask(task);
            else Reject(task, RejectReason.ProtocolError);
            return;
        }
        var length = Math.Min(pdu.Data.Length, MaxSendData);
        pdu.Data.Span[..length].CopyTo(task.ResponseData);
        Send(task, new NopInPdu
        {
            Lun = nop.Lun,
            InitiatorTaskTag = nop.InitiatorTaskTag,
            TargetTransferTag = TaskTag.Reserved,
            DataSegmentLength = length,
        });
    }

    private void AnswerText(IscsiTask task, ReceivedPdu pdu)
    {
        Pdu.TryView<TextRequestPdu>(pdu.Bhs, out var request);
        texts ??= new();
        if (texts.Take(request, pdu.Data.Span, out var complete) is not null || (complete && !AnswerKeys(texts)))
        {
            Reject(task, RejectReason.ProtocolError);
            return;
        }
        texts.Next(request, MaxSendData, task.ResponseData, out var response);
        Send(task, response);
    }

    /// <summary>Answers the keys of a whole text; false if it breaks the rules.</summary>
    private bool AnswerKeys(TextResponder responder)
    {
        var writer = new TextKeyWriter(responder.Answer());
        var reader = new TextKeyReader(responder.Request);
        while (reader.MoveNext())
        {
            if (reader.Current.Is("SendTargets"u8))
            {
                if (!AnswerSendTargets(reader.Current.ValueText, ref writer)) return false;
            }
            else if (login.Negotiation.Receive(reader.Current, LoginStage.FullFeature, ref writer) is not null)
            {
                return false;
            }
        }
        if (reader.Violation is not null || writer.Overflowed) return false;
        responder.Commit(writer.Length);
        return true;
    }

    /// <summary>All targets only in a discovery session; in a normal one the session's own. RFC 7143 §13.3.</summary>
    private bool AnswerSendTargets(string value, ref TextKeyWriter writer)
    {
        if (value == "All" && !Session!.IsDiscovery) return false;
        var only = value is "All" ? null : value is "" ? Session!.Target?.Name : value;
        if (value == "" && only is null) return false;
        if (!Session!.IsDiscovery && only != Session.Target!.Name) return true; // of others it learns nothing
        foreach (var target in Host.Discover(LocalHost, only))
        {
            writer.Add("TargetName", target.Name);
            foreach (var portal in target.Portals) writer.Add("TargetAddress", portal.ToString());
        }
        return true;
    }

    private void StartLogout(IscsiTask task)
    {
        Pdu.TryView<LogoutRequestPdu>(task.Header, out var request);
        var refusal = request.Reason switch
        {
            LogoutReason.CloseSession => LogoutResponseCode.Closed,
            LogoutReason.CloseConnection when request.Cid == Session!.Identity.Cid => LogoutResponseCode.Closed,
            LogoutReason.CloseConnection => LogoutResponseCode.CidNotFound,
            _ => LogoutResponseCode.RecoveryNotSupported, // needs error recovery level 2
        };
        if (refusal != LogoutResponseCode.Closed)
        {
            Send(task, new LogoutResponsePdu { Response = refusal, InitiatorTaskTag = task.Header.InitiatorTaskTag });
            return;
        }
        // commands that are still here end silently, and the response is the last PDU
        State = ConnectionState.LoggingOut;
        timer.Arm(Host.Executor.Now + Host.Limits.LoginTimeout);
        logout = task;
        DropHeld();
        EndBursts();
        if (Session!.Nexus is { } nexus) nexus.Target.CloseNexus(nexus);
        else AnswerLogout();
    }

    private void AnswerLogout()
    {
        if (logout is not { } task) return;
        logout = null;
        (task.ClosesConnection, task.ClosesWith) = (true, CloseReason.Logout);
        Send(task, new LogoutResponsePdu
        {
            Response = LogoutResponseCode.Closed,
            InitiatorTaskTag = task.Header.InitiatorTaskTag, // and no need to wait before the next login
        });
    }

    /// <summary>Sends an asynchronous message; false if there is no context for it or no session.</summary>
    public bool SendAsync(AsyncEvent asyncEvent, ushort parameter1 = 0, ushort parameter2 = 0, ushort parameter3 = 0)
    {
        if (State != ConnectionState.FullFeature || TakeTask() is not { } task) return false;
        task.Begin(default, numbered: false);
        Send(task, new AsyncMessagePdu { Event = asyncEvent, Parameter1 = parameter1, Parameter2 = parameter2, Parameter3 = parameter3 });
        return true;
    }

    /// <summary>Forgets requests that were received but not begun.</summary>
    private void DropHeld()
    {
        while (!waiting.IsEmpty) DropHeld(waiting.Take());
        for (var i = 0; i < ahead.Length; i++)
        {
            if (ahead[i] is not { } pdu) continue;
            ahead[i] = null;
            DropHeld(pdu);
        }
        if (heldLogin is { } held) DropHeld(held);
        heldLogin = null;
    }

    private void DropHeld(ReceivedPdu pdu)
    {
        pdu.IsHeld = false;
        ReturnReceived(pdu);
    }
}
