using Weft.Fabric.Sim.Explore;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim.Tests;

public sealed class DeterminismTests
{
    private static (ulong Hash, int Lines) Traffic(ulong seed, WorldResources? resources = null, IChooser? chooser = null)
    {
        var world = new World(
            new() { Seed = seed, Chooser = chooser, Order = OrderOptions.Explore(ChoiceKinds.Order, Duration.FromMicroseconds(3)) }, resources);
        var tracer = new Tracer();
        world.Observer = tracer;
        var center = world.AddSwitch("s1");
        var all = new LinkImpairments { LossPpm = 50_000, CorruptionPpm = 20_000, DuplicationPpm = 30_000, ReorderingPpm = 50_000, DelayPpm = 10_000 };
        var inboxes = new Inbox[4];
        for (var i = 0; i < 4; i++)
        {
            var index = i;
            var count = 0;
            inboxes[i] = new(world.Connect(world.AddHost($"h{i}"), center, new() { Impairments = all }).A)
            {
                OnReceived = number =>
                {
                    if (++count < 40) inboxes[index].Send(number + 1, inboxes[(index + number) % 4].Port.SuggestedMac);
                },
            };
        }
        for (var i = 0; i < 4; i++) inboxes[i].Send(i);
        Assert.True(world.RunUntilIdle().HasPassed);
        Assert.Equal(0, world.Frames.Outstanding);
        return (tracer.Hash, tracer.Lines.Count);
    }

    [Fact]
    public void The_same_seed_gives_the_same_trace_also_in_used_resources()
    {
        var resources = new WorldResources();
        var first = Traffic(1);
        Assert.True(first.Lines > 300, $"{first.Lines}");
        Assert.Equal(first, Traffic(1));
        Assert.Equal(first, Traffic(1, resources));
        Assert.NotEqual(first, Traffic(2, resources));
        Assert.Equal(first, Traffic(1, resources));
        // On any machine: a change of this number is a change of every recorded run.
        Assert.Equal(14189554480643236234UL, first.Hash);
    }

    [Fact]
    public void A_world_that_was_given_up_half_way_leaves_nothing_behind_for_the_next()
    {
        var resources = new WorldResources();
        for (var i = 0; i < 3; i++)
        {
            var world = new World(new() { EventLimit = 5 }, resources);
            var link = world.Connect(world.AddHost("h1"), world.AddHost("h2"));
            var inbox = new Inbox(link.A);
            _ = new Inbox(link.B);
            for (var n = 0; n < 20; n++) inbox.Send(n);
            inbox.Make(1, MacAddress.Broadcast); // held by someone who is gone with the world
            Assert.Equal(RunOutcome.EventLimit, world.RunUntilIdle().Outcome);
            Assert.Equal(16, world.Frames.Outstanding);
        }
        Assert.Equal(21, resources.Frames.Allocated);
        Assert.Equal(Traffic(1), Traffic(1, resources));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Events_timers_and_frames_allocate_nothing_in_steady_state(bool exploring)
    {
        var options = new WorldOptions { Order = exploring ? OrderOptions.Explore(ChoiceKinds.Order, Duration.FromNanoseconds(200)) : OrderOptions.Natural };
        var world = new World(options);
        var center = world.AddSwitch("s1");
        var impairments = new LinkImpairments { LossPpm = 1, ReorderingPpm = 10_000, DuplicationPpm = 1 };
        var a = new Echo(world.Connect(world.AddHost("h1"), center, new() { Impairments = impairments }).A);
        var b = new Echo(world.Connect(world.AddHost("h2"), center, new() { Impairments = impairments }).A);
        (a.Peer, b.Peer) = (b, a);
        for (var i = 0; i < 8; i++) a.Start();
        var left = 20_000;
        a.Stop = b.Stop = () => --left < 0;
        long before = 0, least = long.MaxValue; // of several stretches: the runtime allocates when it compiles a method again
        var watch = world.AddHost("watch");
        for (var stretch = 0; stretch < 5; stretch++)
        {
            watch.CreateTimer("start", () => before = GC.GetAllocatedBytesForCurrentThread()).Arm(new(500_000 + stretch * 100_000));
            watch.CreateTimer("stop", () => least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before)).Arm(new(599_999 + stretch * 100_000));
        }
        Assert.True(world.RunUntilIdle().HasPassed);
        Assert.True(left < 0 && world.Now > new Instant(1_000_000), $"{world.Now}");
        Assert.Equal(0, least);
        Assert.Equal(0, world.Frames.Outstanding);
    }

    private sealed class Echo : ILinkReceiver
    {
        public Echo Peer = null!;
        public Func<bool> Stop = () => false;
        private readonly LinkPort port;
        private readonly ILane lane;
        private readonly Execution.Timer timer;
        private readonly Queue<Frame> waiting = new(64);
        private readonly Stack<Reply> replies = new();

        public Echo(LinkPort port)
        {
            this.port = port;
            port.Attach(this);
            lane = port.Node.CreateLane("replies", ChoiceKind.Dispatch);
            timer = port.Node.CreateTimer("retry", () => { });
            for (var i = 0; i < 64; i++) replies.Push(new(this));
        }

        public void Start()
        {
            var frame = port.Frames.Rent();
            frame.Start = 0;
            frame.End = 200;
            frame.Span.Clear();
            Send(frame);
        }

        public void OnLinkState(bool isUp)
        {
        }

        public void OnFrame(Frame frame)
        {
            timer.Arm(port.Node.Now + Duration.FromMicroseconds(10));
            if (Stop() || replies.Count == 0 || frame.References > 1)
            {
                frame.Release();
                return;
            }
            waiting.Enqueue(frame);
            lane.Post(replies.Pop(), Duration.FromNanoseconds(20));
        }

        private void Send(Frame frame)
        {
            Peer.port.SuggestedMac.Write(frame.Span);
            port.SuggestedMac.Write(frame.Span[6..]);
            port.Send(frame);
        }

        private sealed class Reply(Echo owner) : WorkItem
        {
            public override void Run()
            {
                owner.replies.Push(this);
                owner.Send(owner.waiting.Dequeue());
            }
        }
    }
}
