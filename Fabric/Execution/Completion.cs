using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;

namespace Weft.Fabric.Execution;

/// <summary>
/// A result that one awaiter waits for. The awaiter resumes as an item of the lane given here, on the executor's own loop: no
/// synchronisation context, no thread pool, and no allocation when the object is used again after <see cref="CompletionBase.Reset"/>.
/// </summary>
public sealed class Completion<T>(ILane lane, string name) : CompletionBase(lane, name), IValueTaskSource<T>
{
    private T? result;

    /// <summary>What to await, once per <see cref="CompletionBase.Reset"/>.</summary>
    public ValueTask<T> Task => new(this, Version);

    /// <summary>Ends the wait. The first end counts: false when it had ended before.</summary>
    public bool TrySetResult(T value)
    {
        if (IsCompleted) return false;
        result = value;
        Finish();
        return true;
    }

    T IValueTaskSource<T>.GetResult(short token)
    {
        CheckToken(token);
        if (!IsCompleted) throw new InvalidOperationException($"completion \"{Name}\" has no result yet");
        if (Error is not null) ExceptionDispatchInfo.Throw(Error);
        return result!;
    }

    ValueTaskSourceStatus IValueTaskSource<T>.GetStatus(short token) => Status(token);

    void IValueTaskSource<T>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        Await(continuation, state, token);
}
