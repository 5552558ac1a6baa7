namespace Weft.Initiator.Tests;

public sealed class ErrorHandlingTests
{
    private static List<TaskManagementFunction> Functions(Lab lab) =>
        [.. lab.Target.Log.Where(r => r.Opcode == IscsiOpcode.TaskManagementRequest).Select(r => (TaskManagementFunction)(r.Bhs[1] & 0x7F))];

    [Fact]
    public void A_command_that_times_out_is_aborted() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        Request? held = null;
        lab.Target.OnCommand = request => held = request;
        var command = Lab.Read(new byte[512]);
        session.Submit(command);
        await lab.Delay(29.9);
        Assert.True(command.IsBusy);
        await lab.World.Until(() => !command.IsBusy, "the command to end");
        Assert.Equal(CommandOutcome.TimedOut, command.Outcome);
        Assert.True(Pdu.TryView(lab.Target.Last(IscsiOpcode.TaskManagementRequest).Bhs, out TaskManagementRequestPdu abort));
        Assert.Equal((TaskManagementFunction.AbortTask, held!.Bhs.InitiatorTaskTag, held.Command.CmdSn, true),
            (abort.Function, abort.ReferencedTaskTag, abort.RefCmdSn, abort.Immediate));
        Assert.Throws<InvalidOperationException>(() => { lab.Device.Open(held.Iser.ReadStag.Value, 0, 0, AccessFlags.None); });
        Assert.Equal(1, session.Logins);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Failure_leads_from_abort_to_resets_to_the_end_of_the_connection(bool answers) => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        lab.Target.OnCommand = _ => { };
        lab.Target.OnTaskManagement = _ => answers ? TaskManagementResponseCode.FunctionNotSupported : null;
        var command = Lab.Read(new byte[512]);
        var start = lab.Node.Now;
        session.Submit(command);
        await lab.World.Until(() => !command.IsBusy, "the command to end");
        Assert.Equal(CommandOutcome.TransportDisrupted, command.Outcome);
        Assert.Equal([TaskManagementFunction.AbortTask, TaskManagementFunction.LogicalUnitReset, TaskManagementFunction.TargetWarmReset], Functions(lab));
        var took = (lab.Node.Now - start).TotalSeconds;
        Assert.InRange(took, answers ? 30 : 105, answers ? 30.1 : 105.1); // 30, and 15 + 30 + 30
        await lab.World.Until(() => session.Logins == 2, "the next login");
    });

    [Fact]
    public void As_in_the_linux_kernel_an_unanswered_abort_can_end_the_connection() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync(new() { Timeouts = new() { DropWhenTaskManagementTimesOut = true } });
        lab.Target.OnCommand = _ => { };
        lab.Target.OnTaskManagement = _ => null;
        var command = Lab.Read(new byte[512]);
        session.Submit(command);
        await lab.World.Until(() => !command.IsBusy, "the command to end");
        Assert.Equal([TaskManagementFunction.AbortTask], Functions(lab));
        await lab.World.Until(() => session.Logins == 2, "the next login");
    });

    [Fact]
    public void A_lun_reset_ends_the_commands_of_that_lun_which_are_sent_again() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        var held = new List<Request>();
        lab.Target.OnCommand = held.Add;
        lab.Target.OnTaskManagement = pdu => pdu.Function == TaskManagementFunction.AbortTask ? TaskManagementResponseCode.Rejected : TaskManagementResponseCode.Complete;
        var ended = new List<DiskCommand>();
        var other = Lab.Read(new byte[512], ended);
        other.Timeout = Duration.Infinite;
        session.OpenDisk(1).Submit(other);
        for (var i = 0; i < 3; i++) session.OpenDisk(0).Submit(Lab.Read(new byte[512], ended, retries: 1));
        await lab.Delay(31);
        Assert.Equal([TaskManagementFunction.AbortTask, TaskManagementFunction.LogicalUnitReset], Functions(lab));
        Assert.Equal(7, held.Count);
        foreach (var request in held[4..]) lab.Target.Respond(request);
        lab.Target.Respond(held[0]);
        await lab.World.Until(() => ended.Count == 4, "all to end");
        Assert.All(ended, c => Assert.True(c.IsGood));
        Assert.Equal(1, session.Logins);
    });

    [Fact]
    public void An_abort_that_meets_the_response_leaves_one_outcome() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync(new() { MaxCommands = 1 });
        var held = new List<Request>();
        lab.Target.OnCommand = held.Add;
        var ended = new List<DiskCommand>();
        var command = Lab.Read(new byte[512], ended);
        // the response is on its way when the abort is sent
        lab.Target.OnTaskManagement = _ =>
        {
            lab.Target.Respond(held[^1]);
            return TaskManagementResponseCode.TaskDoesNotExist;
        };
        session.Submit(command);
        await lab.Delay(0.1);
        Assert.Equal(TaskManagementOutcome.TaskNotFound, await session.AbortAsync(command));
        Assert.True(command.IsGood);
        Assert.Single(ended);
        // the abort wins
        lab.Target.OnTaskManagement = _ => TaskManagementResponseCode.Complete;
        session.Submit(command);
        await lab.Delay(0.1);
        Assert.Equal(TaskManagementOutcome.Complete, await session.AbortAsync(command));
        await lab.World.Until(() => ended.Count == 2, "it to end");
        Assert.Equal(CommandOutcome.Aborted, command.Outcome);
        Assert.Equal(TaskManagementOutcome.TaskNotFound, await session.AbortAsync(command));
        // and one that still waits needs no abort at all
        session.Submit(command);
        await lab.Delay(0.1);
        var waiting = Lab.Read(new byte[512], ended);
        session.Submit(waiting);
        await lab.Delay(0.1);
        var before = Functions(lab).Count;
        Assert.Equal(TaskManagementOutcome.Complete, await session.AbortAsync(waiting));
        await lab.Delay(0.1);
        Assert.Equal((CommandOutcome.Aborted, before), (waiting.Outcome, Functions(lab).Count));
    });

    [Fact]
    public void A_late_answer_to_an_abort_that_was_given_up_does_no_harm() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        lab.Target.OnCommand = _ => { };
        Request? late = null;
        lab.Target.OnTaskManagement = pdu => pdu.Function == TaskManagementFunction.AbortTask ? null : TaskManagementResponseCode.Complete;
        var command = Lab.Read(new byte[512]);
        session.Submit(command);
        await lab.World.Until(() => !command.IsBusy, "the command to end");
        Assert.Equal(CommandOutcome.Reset, command.Outcome);
        late = lab.Target.Log.First(r => r.Opcode == IscsiOpcode.TaskManagementRequest);
        lab.Target.AnswerTaskManagement(late, TaskManagementResponseCode.Complete);
        await lab.Delay(0.1);
        Assert.Equal((1, 0), (session.Logins, ((IscsiSession)session).Connection!.BusyTasks));
    });

    [Fact]
    public void Busy_and_unit_attention_are_tried_again_where_the_command_allows_it() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        var sense = new byte[18];
        Sense.Attention(AdditionalSense.NexusLoss).Write(sense);
        var n = 0;
        lab.Target.OnCommand = request =>
        {
            if (n == 0) lab.Target.Respond(request, ScsiStatus.CheckCondition, sense);
            else lab.Target.Respond(request, n < 3 ? ScsiStatus.Busy : ScsiStatus.Good);
            n++;
        };
        await session.OpenDisk(0).TestUnitReadyAsync();
        Assert.Equal(4, n);
        n = 0;
        Assert.Equal(ScsiStatus.CheckCondition, (await session.OpenDisk(0).ExecuteAsync(Cdb.TestUnitReady())).Status);
    });

    [Fact]
    public void A_rejected_command_ends_and_the_session_goes_on() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        lab.Target.OnCommand = request => lab.Target.Reject(request, RejectReason.InvalidPduField);
        Assert.Equal(CommandOutcome.TargetFailure, (await session.OpenDisk(0).ExecuteAsync(Cdb.Read10(0, 1), new byte[512])).Outcome);
        lab.Target.OnCommand = request => lab.Target.Respond(request);
        Assert.True((await session.OpenDisk(0).ExecuteAsync(Cdb.Read10(0, 1), new byte[512])).IsGood);
        Assert.Equal(1, session.Logins);
    });

    [Fact]
    public void A_command_sent_again_from_its_callback_is_not_ended_by_the_same_reset() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync();
        var held = new List<Request>();
        lab.Target.OnCommand = held.Add;
        var ends = 0;
        DiskCommand command = Lab.Read(new byte[512]);
        command.Completed = c => { if (++ends == 1) session.Submit(c); };
        session.Submit(command);
        await lab.Delay(0.1);
        Assert.Equal(TaskManagementOutcome.Complete, await session.ResetLunAsync(default));
        await lab.World.Until(() => held.Count == 2, "it to be sent again");
        Assert.Equal(1, ends);
        lab.Target.Respond(held[1]);
        await lab.World.Until(() => ends == 2, "it to end");
        Assert.True(command.IsGood);
    });

    [Fact]
    public void Disk_operations_build_the_right_commands() => Lab.Run(async lab =>
    {
        var session = await lab.LoginAsync(new() { MaxDataLength = 4096 });
        var cdbs = new List<string>();
        var store = new byte[64 * 512];
        lab.Target.OnCommand = request =>
        {
            Span<byte> bytes = stackalloc byte[16];
            request.Command.Cdb.CopyTo(bytes);
            Cdb.TryRead(bytes, out var cdb);
            cdbs.Add(cdb.ToString());
            var length = (int)request.Command.ExpectedDataTransferLength;
            if (request.Command.IsRead)
            {
                var data = new byte[length];
                if (cdb.Opcode == ScsiOpcode.ServiceActionIn16) new ReadCapacity16Data(63, 512).Write(data);
                else if (cdb.Opcode == ScsiOpcode.ReportLuns) LunList.Write(data, [Lun.From(0), Lun.From(5)]);
                else if (cdb.Opcode == ScsiOpcode.Read10) store.AsSpan((int)cdb.Lba * 512, length).CopyTo(data);
                lab.Target.Write(request, data);
            }
            else if (request.Command.IsWrite)
            {
                var data = lab.Target.Fetch(request, length);
                if (cdb.Opcode == ScsiOpcode.Write10) data.CopyTo(store, (int)cdb.Lba * 512);
            }
            lab.Target.Respond(request);
        };
        Assert.Equal([0, 5], (await session.ListLunsAsync()).Select(l => l.Number));
        var disk = session.OpenDisk(5);
        var written = Enumerable.Range(0, 20 * 512).Select(i => (byte)(i / 512 + 1)).ToArray();
        await disk.WriteAsync(3, written);
        var read = new byte[20 * 512];
        await disk.ReadAsync(3, read);
        Assert.Equal(written, read);
        await disk.FlushAsync();
        await disk.UnmapAsync(4, 8);
        await disk.WriteSameAsync(1, 2, new byte[512]);
        Assert.Equal(-1, await disk.CompareAndWriteAsync(1, new byte[1024]));
        await disk.VerifyAsync(0, 4);
        Assert.Equal(-1, await disk.VerifyAsync(0, new byte[1024]));
        Assert.Equal(64UL, (await disk.ReadCapacityAsync()).LastLba + 1);
        Assert.Equal(["WRITE(10) lba 3 blocks 8", "WRITE(10) lba 11 blocks 8", "WRITE(10) lba 19 blocks 4"], cdbs.Where(c => c.StartsWith("WRITE(10)", StringComparison.Ordinal)));
        Assert.Equal(3, cdbs.Count(c => c.StartsWith("READ(10)", StringComparison.Ordinal)));
        Assert.Contains(cdbs, c => c.StartsWith("VERIFY(16) lba 0 blocks 2 bytchk 1", StringComparison.Ordinal));
        await Assert.ThrowsAsync<ArgumentException>(async () => await disk.ReadAsync(0, new byte[100]));
    });
}
