using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;

namespace Weft.Fabric.Execution;

/// <summary>A <see cref="Completion{T}"/> without a value: something happened.</summary>
public sealed class Signal(ILane lane, string name) : CompletionBase(lane, name), IValueTaskSource
{
    /// <summary>What to await, once per <see cref="CompletionBase.Reset"/>.</summary>
    public ValueTask Task => new(this, Version);

    /// <summary>Ends the wait. The first end counts: false when it had ended before.</summary>
    public bool TrySet()
    {
        if (IsCompleted) return false;
        Finish();
        return true;
    }

    void IValueTaskSource.GetResult(short token)
    {
        CheckToken(token);
        if (!IsCompleted) throw new InvalidOperationException($"signal \"{Name}\" is not set yet");
        if (Error is not null) ExceptionDispatchInfo.Throw(Error);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => Status(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        Await(continuation, state, token);
}
