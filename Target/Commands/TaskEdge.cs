namespace Weft.Target.Commands;

/// <summary>One legal change of a command's state.</summary>
public sealed record TaskEdge(TaskState From, TaskState To, string Cause, TaskOutcome Outcome);
