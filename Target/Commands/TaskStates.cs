using System.Text;
using static Weft.Target.Commands.TaskState;

namespace Weft.Target.Commands;

/// <summary>
/// The life of a command as data. A command leaves the task set by exactly one edge to <see cref="Idle"/>, and each of these edges has
/// exactly one outcome towards the front end: a response, or silence. SAM-5 §8.2, RFC 7143 §4.2.3.
/// </summary>
public static class TaskStates
{
    public static readonly IReadOnlyList<TaskEdge> Edges =
    [
        new(Idle, Enabled, "submitted, nothing in its way", TaskOutcome.None),
        new(Idle, Dormant, "submitted, others first by task attribute", TaskOutcome.None),
        new(Dormant, Enabled, "the others have ended", TaskOutcome.None),
        new(Enabled, AwaitBuffer, "front end has no buffer", TaskOutcome.None),
        new(AwaitBuffer, Enabled, "front end has a buffer", TaskOutcome.None),
        new(Enabled, DataOut, "data-out asked for", TaskOutcome.None),
        new(DataOut, Enabled, "data-out arrived, or failed", TaskOutcome.None),
        new(Enabled, DataIn, "data-in handed over", TaskOutcome.None),
        new(DataIn, Enabled, "data-in sent, or failed", TaskOutcome.None),
        new(Enabled, Store, "back end asked", TaskOutcome.None),
        new(Store, Enabled, "back end answered", TaskOutcome.None),
        new(Enabled, Idle, "ended", TaskOutcome.Response),
        new(Dormant, Idle, "aborted: had not started", TaskOutcome.AbortOutcome),
        new(AwaitBuffer, Idle, "aborted: nothing was moving", TaskOutcome.AbortOutcome),
        new(Enabled, Idle, "aborted from inside one of its own calls", TaskOutcome.AbortOutcome),
        new(DataOut, StopPort, "aborted while data-out moves", TaskOutcome.None),
        new(DataIn, StopPort, "aborted while data-in moves", TaskOutcome.None),
        new(Store, StopStore, "aborted while the back end works", TaskOutcome.None),
        new(StopPort, Idle, "the move has stopped, well or badly", TaskOutcome.AbortOutcome),
        new(StopStore, Idle, "the back end answered; the answer is forgotten", TaskOutcome.AbortOutcome),
    ];

    private static readonly bool[] Allowed = Matrix();

    public static bool IsEdge(TaskState from, TaskState to) => Allowed[(int)from * 16 + (int)to];

    /// <summary>The table as text: what the approved test compares, and what the documentation shows.</summary>
    public static string Print()
    {
        var text = new StringBuilder();
        foreach (var edge in Edges) text.Append($"{edge.From,-11} -> {edge.To,-11} {Describe(edge.Outcome),-43} {edge.Cause}\n");
        return text.ToString();
    }

    private static string Describe(TaskOutcome outcome) => outcome switch
    {
        TaskOutcome.Response => "response",
        TaskOutcome.AbortOutcome => "TASK ABORTED by others with TAS, else none",
        _ => "",
    };

    private static bool[] Matrix()
    {
        var allowed = new bool[256];
        foreach (var edge in Edges) allowed[(int)edge.From * 16 + (int)edge.To] = true;
        return allowed;
    }
}
