using Weft.Fabric.Execution;
using Weft.Protocol.Scsi;
using Weft.Target.Commands;
using Weft.Target.Luns;

namespace Weft.Target.Tests.Commands;

/// <summary>Aborts and resets against every order of moves and back-end answers (races of historical targets: abort against completion).</summary>
public class TaskManagementTests
{
    private static readonly DiskOptions Options = new() { MaxTransfer = 4096 };

    /// <summary>A function that arrives when the executor chooses.</summary>
    private sealed class Arrival(Action run) : WorkItem
    {
        public override void Run() => run();
    }

    /// <summary>
    /// A read, a write of two pieces and a small write with two buffers between them, and one function arriving at any moment. Checks
    /// what may never happen, whatever the order.
    /// </summary>
    private static int AnyOrder(TaskManagementFunction function, Func<IBackStore, DiskOptions?, DiskUnit>? make = null)
    {
        var outcomes = new HashSet<string>();
        var runs = OrderExecutor.Enumerate(executor => OneOrder(executor, function, make, outcomes));
        Assert.True(outcomes.Count > 1, "the function always met the same state");
        return runs;
    }

    private static void OneOrder(
        OrderExecutor executor, TaskManagementFunction function, Func<IBackStore, DiskOptions?, DiskUnit>? make, HashSet<string> outcomes)
    {
        var bed = new TestBed(executor, 4096, options: Options, movesLater: true, make: make, buffers: 2, lanes: 2);
        var network = executor.CreateLane("network", ChoiceKind.Delivery);
        var read = bed.Submit(TestTask.For(Cdb.Read10(0, 8), dataIn: 4096, tag: 1));
        var write = bed.Submit(TestTask.For(Cdb.Write10(100, 130), TestBed.Pattern(130 * 512, 1), tag: 2));
        var small = bed.Submit(TestTask.For(Cdb.Write10(8, 1), new byte[512], tag: 3)); // waits for one of the two buffers
        var request = new TaskManagementRequest { Function = function, ReferencedTag = 2 };
        network.Post(new Arrival(() => bed.Target.Manage(bed.Nexus, request)));

        var movesAtAnswer = -1;
        while (executor.Step())
            if (movesAtAnswer < 0 && bed.Port.Wire.Any(w => w.StartsWith(function.ToString()))) movesAtAnswer = Moves();

        TestTask[] all = [read, write, small];
        foreach (var task in all) Assert.Single(task.Outcomes); // exactly one, whatever raced
        Assert.Equal((0, 0, 0), (bed.Port.Lent, bed.Store.Outstanding, bed.Disk.TaskCount));
        var answer = bed.Port.Wire.FindIndex(w => w.StartsWith(function.ToString()));
        Assert.True(answer >= 0, "no answer");
        var affected = function == TaskManagementFunction.AbortTask ? [write] : all;
        foreach (var task in affected)
        {
            var end = bed.Port.Wire.FindIndex(w => w.StartsWith($"{task.Tag}:"));
            Assert.True(end < answer, "an affected task ended after the function was answered");
        }
        if (affected.Length == 3) Assert.Equal(movesAtAnswer, Moves()); // nothing moves afterwards
        if (function == TaskManagementFunction.AbortTask)
        {
            var complete = bed.Port.Wire[answer].EndsWith(nameof(TaskManagementResponse.FunctionComplete));
            Assert.Equal(complete ? "dropped" : "Good", write.Outcome);
            Assert.Equal(("Good", "Good"), (read.Outcome, small.Outcome));
        }
        outcomes.Add(string.Join(", ", all.Select(t => t.Outcome)) + " / " + bed.Port.Wire[answer]);

        int Moves() => read.Moves + write.Moves + small.Moves;
    }

    [Theory]
    [InlineData(TaskManagementFunction.AbortTask)]
    [InlineData(TaskManagementFunction.AbortTaskSet)]
    [InlineData(TaskManagementFunction.ClearTaskSet)]
    [InlineData(TaskManagementFunction.LogicalUnitReset)]
    [InlineData(TaskManagementFunction.TargetWarmReset)]
    [InlineData(TaskManagementFunction.TargetColdReset)]
    [InlineData(TaskManagementFunction.NexusReset)]
    public void Every_order_gives_each_command_one_outcome_before_the_answer(TaskManagementFunction function) =>
        Assert.True(AnyOrder(function) > 50);

    /// <summary>The historical fault: a command that the back end has is not reached by the abort, yet "complete" is answered.</summary>
    private sealed class AbortMissesStore(IBackStore store, DiskOptions? options) : DiskUnit(store, options)
    {
        protected override bool AbortReaches(ScsiTask task) => task.State != TaskState.Store;
    }

    /// <summary>The historical fault: the function is answered while aborted tasks still move.</summary>
    private sealed class AnswersTooEarly(IBackStore store, DiskOptions? options) : DiskUnit(store, options)
    {
        protected internal override bool MayAnswer(TaskManagementRequest request) => true;
    }

    /// <summary>The historical fault: an aborted task is freed at once, while its data moves or the back end still has it.</summary>
    private sealed class FreesTooEarly(IBackStore store, DiskOptions? options) : DiskUnit(store, options)
    {
        protected override bool MustStopFirst(ScsiTask task)
        {
            if (task.State == TaskState.Store) task.Enter(TaskState.StopStore);
            if (task.State is TaskState.DataIn or TaskState.DataOut) task.Enter(TaskState.StopPort);
            return false;
        }
    }

    /// <summary>The historical fault: a reset from one session forgets the commands of its own.</summary>
    private sealed class ForgetsOwn(IBackStore store, DiskOptions? options) : DiskUnit(store, options)
    {
        protected override bool Concerns(TaskManagementFunction function, Nexus nexus, ScsiTask task) =>
            base.Concerns(function, nexus, task) && task.Nexus != nexus;
    }

    public static TheoryData<string, Func<IBackStore, DiskOptions?, DiskUnit>, TaskManagementFunction, int> Mutants => new()
    {
        { "abort misses store", (s, o) => new AbortMissesStore(s, o), TaskManagementFunction.AbortTask, 126 },
        { "answers too early", (s, o) => new AnswersTooEarly(s, o), TaskManagementFunction.AbortTask, 124 },
        { "answers too early", (s, o) => new AnswersTooEarly(s, o), TaskManagementFunction.LogicalUnitReset, 123 },
        { "frees too early", (s, o) => new FreesTooEarly(s, o), TaskManagementFunction.AbortTask, 124 },
        { "frees too early", (s, o) => new FreesTooEarly(s, o), TaskManagementFunction.LogicalUnitReset, 125 },
        { "forgets own", (s, o) => new ForgetsOwn(s, o), TaskManagementFunction.LogicalUnitReset, 264 },
    };

    /// <summary>A race: some orders show the fault and others hide it. The number is of orders that show it.</summary>
    [Theory, MemberData(nameof(Mutants))]
    public void Each_historical_fault_is_caught(
        string fault, Func<IBackStore, DiskOptions?, DiskUnit> make, TaskManagementFunction function, int showing)
    {
        var caught = 0;
        var runs = OrderExecutor.Enumerate(executor =>
        {
            if (Record.Exception(() => OneOrder(executor, function, make, [])) is not null) caught++;
        });
        Assert.Equal($"{fault}: {showing}", $"{fault}: {caught}");
        Assert.True(caught < runs);
    }

    [Fact]
    public void Abort_in_each_state_takes_the_edge_that_the_table_names()
    {
        var executor = new OrderExecutor();
        var bed = new TestBed(executor, 4096, options: Options, movesLater: true, buffers: 1);
        var reads = bed.Submit(TestTask.For(Cdb.Read10(0, 1), dataIn: 512, tag: 1));
        var waits = bed.Submit(TestTask.For(Cdb.Write10(0, 1), new byte[512], tag: 2));
        var ordered = bed.Submit(TestTask.For(Cdb.Read10(0, 1), dataIn: 512, tag: 3, attribute: TaskAttribute.Ordered));
        Assert.Equal((TaskState.Store, TaskState.AwaitBuffer, TaskState.Dormant), (reads.State, waits.State, ordered.State));
        bed.Manage(TaskManagementFunction.AbortTask, tag: 3);
        Assert.Equal("dropped", ordered.Outcome);
        bed.Manage(TaskManagementFunction.AbortTask, tag: 2);
        Assert.Equal("dropped", waits.Outcome);
        bed.Manage(TaskManagementFunction.AbortTask, tag: 1);
        Assert.Equal(TaskState.StopStore, reads.State);
        Assert.Equal(2, bed.Port.Wire.Count(w => w == "AbortTask: FunctionComplete"));
        bed.Manage(TaskManagementFunction.AbortTask, tag: 1); // again: both wait for the same stop
        executor.Drain();
        Assert.Equal("dropped", reads.Outcome);
        Assert.Equal(4, bed.Port.Wire.Count(w => w == "AbortTask: FunctionComplete"));
        bed.Manage(TaskManagementFunction.AbortTask, tag: 1);
        Assert.Equal("AbortTask: TaskDoesNotExist", bed.Port.Wire[^1]);

        var write = bed.Submit(TestTask.For(Cdb.Write10(0, 1), new byte[512], tag: 4));
        Assert.Equal(TaskState.DataOut, write.State);
        bed.Manage(TaskManagementFunction.LogicalUnitReset);
        Assert.Equal(TaskState.StopPort, write.State);
        Assert.True(write.Move.IsStopped);
        executor.Drain();
        Assert.Equal("LogicalUnitReset: FunctionComplete", bed.Port.Wire[^1]);
        Assert.Equal("UnitAttention 29/03 (bus device reset function occurred)", bed.Do(Cdb.TestUnitReady()).Outcome);
    }

    [Fact]
    public void Tasks_of_others_answer_task_aborted_or_are_silent_by_tas()
    {
        foreach (var reports in new[] { true, false })
        {
            var executor = new OrderExecutor();
            var bed = new TestBed(executor, options: new() { ReportsTaskAborted = reports });
            var port = new TestPort();
            var other = bed.Another(port);
            var theirs = bed.Submit(TestTask.For(Cdb.Read10(0, 1), dataIn: 512, tag: 1), other);
            var ours = bed.Submit(TestTask.For(Cdb.Read10(0, 1), dataIn: 512, tag: 1));
            bed.Manage(TaskManagementFunction.ClearTaskSet);
            Assert.Empty(bed.Port.Wire);
            executor.Drain();
            Assert.Equal("dropped", ours.Outcome);
            Assert.Equal(reports ? "TaskAborted in-512" : "dropped", theirs.Outcome);
            Assert.Equal("ClearTaskSet: FunctionComplete", bed.Port.Wire[^1]);
            Assert.Equal(reports ? "Good" : "UnitAttention 2f/00 (commands cleared by another initiator)",
                bed.Submit(TestTask.For(Cdb.TestUnitReady()), other).Outcome);
            Assert.Equal("Good", bed.Do(Cdb.TestUnitReady()).Outcome);
        }
    }

    [Fact]
    public void Abort_task_set_leaves_others_alone()
    {
        var executor = new OrderExecutor();
        var bed = new TestBed(executor);
        var other = bed.Another(new());
        var theirs = bed.Submit(TestTask.For(Cdb.Read10(0, 1), dataIn: 512), other);
        var ours = bed.Submit(TestTask.For(Cdb.Read10(0, 1), dataIn: 512));
        bed.Manage(TaskManagementFunction.AbortTaskSet);
        executor.Drain();
        Assert.Equal(("dropped", "Good"), (ours.Outcome, theirs.Outcome));
    }

    [Fact]
    public void A_closing_nexus_waits_for_its_functions_on_the_tasks_of_others()
    {
        var executor = new OrderExecutor();
        var bed = new TestBed(executor);
        var theirs = bed.Submit(TestTask.For(Cdb.Read10(0, 1), dataIn: 512), bed.Another(new()));
        bed.Manage(TaskManagementFunction.LogicalUnitReset);
        bed.Target.CloseNexus(bed.Nexus);
        Assert.Empty(bed.Port.Wire);
        executor.Drain();
        Assert.Equal("TaskAborted in-512", theirs.Outcome);
        Assert.Equal(["LogicalUnitReset: FunctionComplete", "closed"], bed.Port.Wire);
    }

    [Fact]
    public void Queries_and_what_is_not_there()
    {
        var executor = new OrderExecutor();
        var bed = new TestBed(executor);
        bed.Target.Luns.Default.Add(1, new DiskUnit(new NullStore("n", 8)));
        bed.Nexus.Units[0].Clear(UnitAttention.ReportedLunsChanged);
        bed.Submit(TestTask.For(Cdb.Read10(0, 1), dataIn: 512, tag: 9));
        Assert.Equal(TaskManagementResponse.FunctionSucceeded, bed.Manage(TaskManagementFunction.QueryTask, 9).Response);
        Assert.Equal(TaskManagementResponse.FunctionComplete, bed.Manage(TaskManagementFunction.QueryTask, 8).Response);
        Assert.Equal(TaskManagementResponse.FunctionComplete, bed.Manage(TaskManagementFunction.QueryTask, 9, lun: 1).Response);
        Assert.Equal(TaskManagementResponse.TaskDoesNotExist, bed.Manage(TaskManagementFunction.AbortTask, 9, lun: 1).Response);
        Assert.Equal(TaskManagementResponse.FunctionSucceeded, bed.Manage(TaskManagementFunction.QueryTaskSet).Response);
        Assert.Equal(TaskManagementResponse.FunctionComplete, bed.Manage(TaskManagementFunction.QueryTaskSet, lun: 1).Response);
        Assert.Equal(TaskManagementResponse.FunctionComplete, bed.Manage(TaskManagementFunction.QueryAsynchronousEvent).Response);
        bed.Disk.CapacityChanged();
        Assert.Equal(TaskManagementResponse.FunctionSucceeded, bed.Manage(TaskManagementFunction.QueryAsynchronousEvent).Response);
        Assert.Equal(TaskManagementResponse.NotSupported, bed.Manage(TaskManagementFunction.ClearAca).Response);
        Assert.Equal(TaskManagementResponse.LunDoesNotExist, bed.Manage(TaskManagementFunction.LogicalUnitReset, lun: 5).Response);
        Assert.Equal(10, bed.Port.Wire.Count);
        executor.Drain();
    }

    [Fact]
    public void A_tag_in_use_aborts_what_is_there_and_is_refused_after_that_has_stopped()
    {
        var executor = new OrderExecutor();
        var bed = new TestBed(executor);
        var first = bed.Submit(TestTask.For(Cdb.Read10(0, 1), dataIn: 512, tag: 7));
        var second = bed.Submit(TestTask.For(Cdb.Read10(0, 1), dataIn: 512, tag: 8));
        var again = bed.Submit(TestTask.For(Cdb.Read10(0, 1), dataIn: 512, tag: 7));
        Assert.Empty(bed.Port.Wire);
        executor.Drain();
        Assert.Equal(("dropped", "dropped", "AbortedCommand 4e/00 (overlapped commands attempted) in-512"), (first.Outcome, second.Outcome, again.Outcome));
        Assert.StartsWith("7: Aborted", bed.Port.Wire[^1]);
        bed.Submit(again.Fill(Cdb.TestUnitReady(), [], [], 7));
        Assert.Equal("Good", again.Outcome);
        Assert.Equal(0, bed.Nexus.TaskCount);
    }

    [Fact]
    public void A_nexus_is_closed_when_everything_of_it_has_come_back()
    {
        var runs = OrderExecutor.Enumerate(executor =>
        {
            var bed = new TestBed(executor, 4096, options: Options, movesLater: true, buffers: 2, lanes: 2);
            var network = executor.CreateLane("network", ChoiceKind.Delivery);
            TestTask[] tasks =
            [
                bed.Submit(TestTask.For(Cdb.Read10(0, 8), dataIn: 4096, tag: 1)),
                bed.Submit(TestTask.For(Cdb.Write10(100, 1), new byte[512], tag: 2)),
                bed.Submit(TestTask.For(Cdb.Write10(9, 1), new byte[512], tag: 3, attribute: TaskAttribute.Ordered)),
            ];
            network.Post(new Arrival(() =>
            {
                bed.Target.CloseNexus(bed.Nexus);
                bed.Target.CloseNexus(bed.Nexus);
            }));
            executor.Drain();
            foreach (var task in tasks) Assert.Single(task.Outcomes);
            Assert.Equal("closed", bed.Port.Wire[^1]);
            Assert.Equal((1, 0, 0, 0), (bed.Port.ClosedCount, bed.Port.Lent, bed.Disk.TaskCount, bed.Store.Outstanding));
            Assert.Empty(bed.Disk.Nexuses);
            Assert.Empty(bed.Target.Nexuses);
        });
        Assert.True(runs > 20);
    }

    /// <summary>A front end whose connection dies inside a call of the core closes the nexus there and then.</summary>
    [Theory]
    [InlineData("TakeBuffer", false)]
    [InlineData("TakeBuffer", true)]
    [InlineData("FetchDataOut", false)]
    [InlineData("FetchDataOut", true)]
    [InlineData("SendDataIn", false)]
    [InlineData("SendDataIn", true)]
    [InlineData("ReturnBuffer", false)]
    [InlineData("Finish", false)]
    public void A_nexus_may_be_closed_from_inside_any_call(string call, bool movesLater)
    {
        foreach (var stored in new[] { false, true })
            for (var nth = 1; nth <= 4; nth++)
            {
                var executor = new OrderExecutor();
                var store = stored ? null : new RamStore("lun0", 4096);
                var bed = new TestBed(executor, 4096, options: Options, movesLater: movesLater, store: store, buffers: 1);
                var left = nth;
                bed.Port.OnCall = name =>
                {
                    if (name == call && --left == 0) bed.Target.CloseNexus(bed.Nexus);
                };
                TestTask[] tasks =
                [
                    TestTask.For(Cdb.Write10(0, 200), new byte[200 * 512], tag: 1),
                    TestTask.For(Cdb.Read10(0, 200), dataIn: 200 * 512, tag: 2),
                    TestTask.For(Cdb.Inquiry(), dataIn: 96, tag: 3),
                ];
                var submitted = 0;
                foreach (var task in tasks)
                    if (!bed.Nexus.IsClosing)
                    {
                        bed.Submit(task);
                        submitted++;
                    }
                executor.Drain();
                for (var i = 0; i < submitted; i++) Assert.Single(tasks[i].Outcomes);
                Assert.Equal((bed.Nexus.IsClosing ? 1 : 0, 0, 0), (bed.Port.ClosedCount, bed.Port.Lent, bed.Disk.TaskCount));
                Assert.True(nth > 1 || bed.Nexus.IsClosing);
            }
    }

    [Fact]
    public void The_state_table_is_the_approved_one()
    {
        var approved = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Commands", "TaskStates.approved.txt"));
        Assert.Equal(approved.ReplaceLineEndings("\n"), TaskStates.Print());
    }
}
