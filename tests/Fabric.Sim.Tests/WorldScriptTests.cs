namespace Weft.Fabric.Sim.Tests;

public sealed class WorldScriptTests
{
    private static Duration Us(double value) => Duration.FromMicroseconds(value);

    [Fact]
    public void A_script_waits_in_virtual_time_on_the_loops_own_thread_without_a_context()
    {
        var world = new World();
        var thread = Environment.CurrentManagedThreadId;
        var seen = new List<string>();
        var result = world.Run(async w =>
        {
            for (var i = 0; i < 3; i++)
            {
                await w.Delay(Us(10));
                Assert.Equal(thread, Environment.CurrentManagedThreadId);
                Assert.Null(SynchronizationContext.Current);
                seen.Add(w.Now.ToString());
            }
        });
        Assert.True(result.HasPassed, result.ToString());
        Assert.Equal(["+0.000010000 s", "+0.000020000 s", "+0.000030000 s"], seen);
    }

    [Fact]
    public void A_world_keeps_step_with_a_clock_outside_of_it()
    {
        var world = new World();
        var node = world.AddHost("h1");
        var fired = new List<Instant>();
        Weft.Fabric.Execution.Timer? timer = null;
        timer = node.CreateTimer("t", () =>
        {
            fired.Add(node.Now);
            timer!.Arm(node.Now + Us(30));
        });
        timer.Arm(Instant.Zero + Us(30));
        foreach (var until in (double[])[10, 30, 31, 95, 95])
        {
            Assert.True(world.RunUntil(Instant.Zero + Us(until)).HasPassed);
            Assert.Equal(Instant.Zero + Us(until), world.Now);
            Assert.Equal((int)until / 30, fired.Count);
        }
        Assert.Equal([Instant.Zero + Us(30), Instant.Zero + Us(60), Instant.Zero + Us(90)], fired);
    }

    [Fact]
    public void Completions_resume_as_items_of_their_lane()
    {
        var world = new World();
        var node = world.AddHost("h1");
        var lane = node.CreateLane("replies", ChoiceKind.Dispatch);
        var done = new Completion<int>(lane, "an answer");
        var signal = new Signal(lane, "a sign");
        var log = new List<string>();
        node.CreateTimer("t", () => { log.Add("timer"); done.TrySetResult(42); log.Add("set"); }).Arm(new(500));
        var result = world.Run(async w =>
        {
            var value = await done.Task;
            log.Add($"{value}@{node.Now.Nanoseconds}");
            signal.TrySet();
            await signal.Task; // set already: goes on at once
            log.Add("signal");
            done.Reset();
            Assert.True(done.TrySetException(new InvalidOperationException("no answer")));
            Assert.False(done.TrySetResult(1));
            var e = await Assert.ThrowsAsync<InvalidOperationException>(async () => await done.Task);
            log.Add(e.Message);
        });
        Assert.True(result.HasPassed, result.ToString());
        Assert.Equal(["timer", "set", "42@500", "signal", "no answer"], log);
    }

    [Fact]
    public void A_completion_used_again_allocates_nothing()
    {
        var world = new World();
        var node = world.AddHost("h1");
        var lane = node.CreateLane("replies", ChoiceKind.Dispatch);
        var done = new Completion<int>(lane, "an answer");
        var timer = node.CreateTimer("t", () => done.TrySetResult(1));
        var sum = 0L;
        var result = world.Run(async w =>
        {
            for (var i = 0; i < 100; i++) await Once();
            var least = long.MaxValue; // of several stretches: the runtime allocates when it compiles a method again
            for (var stretch = 0; stretch < 8 && least > 0; stretch++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                for (var i = 0; i < 1000; i++)
                {
                    done.Reset();
                    timer.Arm(node.Now + Us(1));
                    sum += await done.Task;
                }
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            Assert.Equal(0, least);

            async ValueTask Once()
            {
                done.Reset();
                timer.Arm(node.Now + Us(1));
                await done.Task;
            }
        });
        Assert.True(result.HasPassed, result.ToString());
        Assert.Equal(1000, sum);
    }

    [Fact]
    public void A_completion_refuses_a_second_awaiter_and_a_stale_task()
    {
        var world = new World();
        var done = world.NewCompletion<int>("x");
        var stale = done.Task;
        _ = Wait(done.Task);
        Assert.Throws<InvalidOperationException>(() => { _ = done.Task.GetAwaiter(); done.Task.GetAwaiter().OnCompleted(() => { }); });
        Assert.Throws<InvalidOperationException>(done.Reset);
        done.TrySetResult(1);
        world.RunUntilIdle();
        done.Reset();
        Assert.Throws<InvalidOperationException>(() => stale.Result);

        static async Task Wait(ValueTask<int> task) => await task;
    }

    [Fact]
    public void A_script_that_waits_for_nothing_is_a_deadlock_that_names_the_wait()
    {
        var world = new World();
        var result = world.Run(async w =>
        {
            await w.Delay(Us(1));
            await w.Until(() => false, "the session to be up");
        });
        Assert.Equal(RunOutcome.Deadlock, result.Outcome);
        Assert.Contains("script for the session to be up", result.Reason);
        Assert.Contains("at +0.000001000 s", result.Reason);
    }

    [Fact]
    public void What_a_script_or_a_node_throws_is_the_runs_failure()
    {
        var byScript = new World().Run(_ => throw new ClaimException("one-reply", "two replies came"));
        Assert.Equal((RunOutcome.Failed, "one-reply"), (byScript.Outcome, byScript.Rule));
        Assert.StartsWith("two replies came (at", byScript.Reason);

        var later = new World().Run(async w => { await w.Delay(Us(1)); throw new InvalidOperationException("boom"); });
        Assert.StartsWith("boom", later.Reason);
        Assert.IsType<InvalidOperationException>(later.Exception);

        var world = new World();
        var node = world.AddHost("h1");
        node.CreateTimer("t", () => throw new NotSupportedException("engine")).Arm(new(5));
        var byNode = world.Run(w => w.Delay(Us(1)).AsTask());
        Assert.Contains("engine (at +0.000000005 s, event 2, on h1)", byNode.Reason);
    }

    [Fact]
    public void A_watched_task_fails_the_run()
    {
        var world = new World();
        var result = world.Run(async w =>
        {
            w.Watch(Flow());
            w.Watch(Task.CompletedTask);
            await w.Delay(Us(5));

            async Task Flow()
            {
                await w.Delay(Us(1));
                throw new InvalidOperationException("flow");
            }
        });
        Assert.StartsWith("flow (at +0.000001000 s", result.Reason);
    }

    [Fact]
    public void Another_thread_is_turned_away()
    {
        var world = new World();
        var lane = world.AddHost("h1").CreateLane("l", ChoiceKind.Dispatch);
        var result = world.Run(_ =>
        {
            Exception? seen = null;
            var thread = new Thread(() => seen = Record.Exception(() => lane.Post(new Do(() => { }))));
            thread.Start();
            thread.Join();
            Assert.IsType<InvalidOperationException>(seen);
            return Task.CompletedTask;
        });
        Assert.True(result.HasPassed, result.ToString());
    }

    [Fact]
    public void A_check_ends_the_run_with_the_event_that_broke_it()
    {
        var world = new World();
        var node = world.AddHost("h1");
        node.CreateTimer("t", () => world.Fail(new Violation("psn-gap", "IBA 9.7", "7 after 5"))).Arm(new(5));
        var result = world.Run(w => w.Delay(Us(1)).AsTask());
        Assert.Equal((RunOutcome.Failed, "psn-gap"), (result.Outcome, result.Rule));
        Assert.StartsWith("7 after 5 [IBA 9.7]", result.Reason);
    }

    [Fact]
    public void Until_has_a_deadline_in_virtual_time()
    {
        var world = new World();
        var flag = false;
        world.AddHost("h1").CreateTimer("t", () => flag = true).Arm(new(2_000));
        var result = world.Run(async w =>
        {
            await w.Until(() => flag, "the flag", Us(5));
            Assert.Equal(new(2_000), w.Now);
            await w.Until(() => !flag, "no flag", Us(5));
        });
        Assert.IsType<TimeoutException>(result.Exception);
        Assert.Contains("not within 5 us: no flag (at +0.000007000 s", result.Reason);
        Assert.Empty(world.Script.ArmedTimers);
    }

    [Fact]
    public void Idle_waits_for_everything_else()
    {
        var world = new World();
        var node = world.AddHost("h1");
        var left = 5;
        Execution.Timer timer = null!;
        timer = node.CreateTimer("t", () => { if (--left > 0) timer.Arm(node.Now + Us(1)); });
        timer.Arm(new(1000));
        var result = world.Run(async w =>
        {
            await w.Idle();
            Assert.Equal(0, left);
            Assert.Equal(new(5000), w.Now);
        });
        Assert.True(result.HasPassed, result.ToString());
    }

    [Fact]
    public void Going_round_in_circles_hits_a_limit()
    {
        Assert.Equal(RunOutcome.EventLimit, Run(new() { EventLimit = 1000 }, Duration.Zero).Outcome);
        var late = Run(new() { TimeLimit = new(1_000_000) }, Us(1));
        Assert.Equal(RunOutcome.TimeLimit, late.Outcome);
        Assert.Contains("script for godot", late.Reason);

        static RunResult Run(WorldOptions options, Duration period)
        {
            var world = new World(options);
            var node = world.AddHost("h1");
            Execution.Timer timer = null!;
            timer = node.CreateTimer("t", () => timer.Arm(node.Now + period));
            timer.Arm(new(0));
            return world.Run(w => w.Until(() => false, "godot").AsTask());
        }
    }

    [Fact]
    public void A_fault_waits_for_its_condition()
    {
        var world = new World();
        var node = world.AddHost("h1");
        var count = 0;
        Execution.Timer timer = null!;
        timer = node.CreateTimer("t", () => { count++; timer.Arm(node.Now + Us(1)); });
        timer.Arm(new(0));
        world.Faults.When(() => count == 4, "kill at four", () => node.Kill());
        world.Faults.When(() => count == 40, "never", () => node.Kill());
        Assert.True(world.RunUntilIdle().HasPassed);
        Assert.Equal(4, count);
        Assert.Equal(["kill at four"], world.Faults.Done);
    }
}
