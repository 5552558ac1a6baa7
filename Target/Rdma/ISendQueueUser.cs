using Weft.Fabric.Verbs;

namespace Weft.Target.Rdma;

/// <summary>Whose work requests a <see cref="SendQueue{T}"/> posts.</summary>
internal interface ISendQueueUser<TTask>
    where TTask : class
{
    /// <summary>Nothing is posted behind the end of a connection, where nobody would wait for it.</summary>
    bool MayPost { get; }

    /// <summary>Whether a request waits in line.</summary>
    /// <param name="kind">What it is for.</param>
    /// <param name="hasRoom">The queue pair takes it, and no other waits.</param>
    bool MustWait(byte kind, bool hasRoom) => !hasRoom;

    /// <summary>A request has completed, or was never posted: then as if flushed. The work object goes back to the pool.</summary>
    void OnWorkDone(SendWork<TTask> work, bool succeeded);

    /// <summary>The device refused a request; it is told as done, unsuccessfully, as well.</summary>
    void OnRefused(VerbsError error);
}
