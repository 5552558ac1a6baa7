using System.Text;
using Weft.Fabric.Sim.Choose;
using Weft.Fabric.Sim.Explore;
using Weft.Fabric.Sim.Links;
using Weft.Fabric.Sim.Nodes;
using Weft.Fabric.Wire;

namespace Weft.Fabric.Sim.Tests.Explore;

/// <summary>
/// A small random program of hosts around a switch: events that post to lanes of their node, send frames, arm, move and cancel timers, and
/// ask questions. Its outcome is what each node saw, in order and with its local times.
/// </summary>
internal sealed class RandomProgram
{
    private readonly ulong seed;
    private readonly int hosts;
    private readonly ChoiceKinds open;
    private readonly long window;
    private readonly bool hasScript;
    private readonly FlowSeparation flows;
    private readonly LinkImpairments impairments;
    private readonly int budget;

    public RandomProgram(ulong seed)
    {
        this.seed = seed;
        hosts = 2 + Pick(1, 2);
        var kinds = ChoiceKinds.Order;
        for (var kind = ChoiceKind.Delivery; kind <= ChoiceKind.BackEnd; kind++)
            if (Pick(10 + (int)kind, 3) == 0) kinds = kinds.Without(kind);
        open = kinds;
        window = new[] { 0, 20, 60, 400 }[Pick(2, 4)];
        hasScript = Pick(3, 3) == 0;
        flows = Pick(4, 2) == 0 ? FlowSeparation.None : FlowSeparation.UdpFlow;
        impairments = Pick(5, 4) switch
        {
            0 => new() { LossPpm = 1 },
            1 => new() { ReorderingPpm = 1, ReorderDistance = 1, ReorderGap = Duration.FromNanoseconds(50) },
            _ => LinkImpairments.None,
        };
        open = impairments.LossPpm > 0 ? open.With(ChoiceKind.Loss) : impairments.ReorderingPpm > 0 ? open.With(ChoiceKind.Reordering) : open;
        budget = 2 + Pick(6, 3);
    }

    public override string ToString() =>
        $"hosts {hosts}, open {open}, window {window}, script {hasScript}, flows {flows}, {impairments}, budget {budget}";

    public (HashSet<string> Outcomes, ExhaustiveStrategy Strategy) Explore(Reduction reduction, long limit)
    {
        var outcomes = new HashSet<string>();
        var strategy = new ExhaustiveStrategy(reduction) { CountsOrders = true };
        new Explorer(run =>
        {
            var (result, outcome) = Run(run);
            if (result.Outcome is RunOutcome.Passed or RunOutcome.Deadlock) outcomes.Add($"{result.Outcome} {outcome}");
            else if (result.HasFailed) throw new InvalidOperationException($"program {seed}: {result}", result.Exception);
            return result;
        }).Explore(strategy, new() { Budget = limit });
        return (outcomes, strategy);
    }

    private (RunResult Result, string Outcome) Run(ExploredRun run)
    {
        var order = OrderOptions.Explore(open, Duration.FromNanoseconds(window));
        var world = new World(new() { Seed = run.Seed, Chooser = run.Chooser, Order = order }, run.Resources);
        var center = world.AddSwitch("s1", new() { ForwardingDelay = Duration.FromNanoseconds(5) });
        var nodes = new Node[hosts];
        for (var i = 0; i < hosts; i++)
        {
            var options = new LinkOptions { BitsPerSecond = 0, Latency = Duration.FromNanoseconds(10), Flows = flows, Impairments = impairments };
            nodes[i] = new(this, world.Connect(world.AddHost($"h{i}"), center, options).A, i);
        }
        foreach (var node in nodes) node.Peers = nodes;
        foreach (var node in nodes) node.Start();
        var result = hasScript
            ? world.Run(async w =>
            {
                await w.Delay(Duration.FromNanoseconds(25));
                nodes[0].Act(9999);
                await w.Until(() => nodes[1].Done >= 2, "work of h1");
                nodes[1].Log.Append("script ");
                await w.Idle();
            })
            : world.RunUntilIdle();
        return (result, string.Join(" | ", nodes.Select(node => node.Log.ToString())));
    }

    private int Pick(int about, int n) => (int)(SplitMix.Mix(seed * 1000 + (ulong)about) % (ulong)n);

    private sealed class Node : ILinkReceiver
    {
        public readonly StringBuilder Log = new();
        public Node[] Peers = [];
        public int Done;
        private readonly RandomProgram program;
        private readonly LinkPort port;
        private readonly int index;
        private readonly ILane[] lanes;
        private readonly Execution.Timer[] timers;
        private int left;

        public Node(RandomProgram program, LinkPort port, int index)
        {
            (this.program, this.port, this.index) = (program, port, index);
            port.Attach(this);
            left = program.budget / (index == 0 ? 1 : 2) + 1;
            lanes = [port.Node.CreateLane("a", ChoiceKind.Dispatch), port.Node.CreateLane("b", ChoiceKind.BackEnd)];
            timers = [port.Node.CreateTimer("t", () => Event("t", 77)), port.Node.CreateTimer("u", () => Event("u", 78))];
        }

        public void Start()
        {
            Post(0, index * 7, 100 + index);
            if (program.Pick(20 + index, 2) == 0) Post(1, 3, 200 + index);
        }

        public void OnLinkState(bool isUp)
        {
        }

        public void OnFrame(Frame frame)
        {
            var what = frame.Buffer[frame.Start + 50];
            frame.Release();
            Event($"f{what}", what);
        }

        private void Event(string what, int about)
        {
            Done++;
            Log.Append($"{what}@{port.Node.Now.Nanoseconds} ");
            Act(about);
        }

        // What an event does depends on what it is and on what the node has seen: on nothing else.
        public void Act(int about)
        {
            if (left == 0) return;
            left--;
            var dice = SplitMix.Mix(program.seed * 7919 + (ulong)(about * 131 + index * 17 + Done));
            for (var i = 0; i < 2; i++, dice >>= 16)
            {
                switch (dice % 8)
                {
                    case 0 or 1:
                        Post((int)(dice >> 4 & 1), (int)(dice >> 6 & 31), about + 1);
                        break;
                    case 2 or 3:
                        Send(Peers[(index + 1 + (int)(dice >> 4) % (Peers.Length - 1)) % Peers.Length], (byte)(dice >> 8));
                        break;
                    case 4:
                        timers[dice >> 4 & 1].Arm(port.Node.Now + Duration.FromNanoseconds((long)(dice >> 6 & 63)));
                        break;
                    case 5:
                        timers[dice >> 4 & 1].Cancel();
                        break;
                    case 6 when program.Pick(30, 3) == 0:
                        Log.Append(port.Node.Chooser.Choose(2, new(ChoiceKind.Loss, port.Node.Name)));
                        break;
                }
            }
        }

        private void Post(int lane, int delay, int about) =>
            lanes[lane].Post(new Do(() => Event($"{lanes[lane].Name}{about}", about)), Duration.FromNanoseconds(delay));

        private void Send(Node to, byte what)
        {
            var frame = port.Frames.Rent();
            frame.Start = 0;
            frame.End = 60;
            var span = frame.Span;
            span.Clear();
            to.port.SuggestedMac.Write(span);
            port.SuggestedMac.Write(span[6..]);
            span[12] = 0x08;
            span[14] = 0x45;
            span[23] = 17;
            span[35] = (byte)(what & 1); // two flows
            span[50] = what;
            port.Send(frame);
        }
    }
}
