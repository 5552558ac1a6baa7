using Weft.Target.Luns;

namespace Weft.Target.Commands;

/// <summary>A command's question to the back end: one at a time, made with the task and kept.</summary>
internal sealed class TaskRequest(ScsiTask task) : StoreRequest
{
    public override void Completed() => task.Unit!.StoreAnswered(task);
}
