using System.Threading.Tasks.Sources;

namespace Weft.Fabric.Execution;

/// <summary>What the two forms of completion share: one awaiter, resumed as an item of a lane.</summary>
public abstract class CompletionBase : WorkItem
{
    private readonly ILane lane;
    private readonly IWaitObserver? observer;
    private Action<object?>? continuation;
    private object? state;
    private bool isDone;

    private protected CompletionBase(ILane lane, string name)
    {
        this.lane = lane;
        observer = lane as IWaitObserver;
        Name = name;
    }

    /// <summary>What is waited for, for the message of a run that is stuck.</summary>
    public string Name { get; set; }
    /// <summary>Whether a result or an error is there.</summary>
    public bool IsCompleted => isDone;
    /// <summary>Whether someone awaits it now.</summary>
    public bool IsAwaited => continuation is not null;
    /// <summary>Intrusive links for <see cref="IWaitObserver"/>.</summary>
    public CompletionBase? WaitNext, WaitPrevious;

    private protected short Version { get; private set; }
    private protected Exception? Error { get; private set; }

    /// <summary>Makes it ready for another wait. Not while someone awaits it.</summary>
    public void Reset()
    {
        if (IsAwaited) throw new InvalidOperationException($"completion \"{Name}\" is reset while it is awaited");
        Version++;
        isDone = false;
        Error = null;
    }

    /// <summary>Ends the wait with an exception. The first end counts: false when it had ended before.</summary>
    public bool TrySetException(Exception error)
    {
        if (isDone) return false;
        Error = error;
        Finish();
        return true;
    }

    private protected void Finish()
    {
        isDone = true;
        if (continuation is not null) lane.Post(this);
    }

    /// <summary>Resumes the awaiter; called by the executor.</summary>
    public sealed override void Run()
    {
        var resume = continuation!;
        var with = state;
        continuation = null;
        state = null;
        observer?.WaitEnds(this);
        resume(with);
    }

    private protected ValueTaskSourceStatus Status(short token)
    {
        CheckToken(token);
        return !isDone ? ValueTaskSourceStatus.Pending : Error is null ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Faulted;
    }

    private protected void Await(Action<object?> resume, object? with, short token)
    {
        CheckToken(token);
        if (continuation is not null) throw new InvalidOperationException($"completion \"{Name}\" is awaited twice");
        continuation = resume;
        state = with;
        observer?.WaitBegins(this);
        if (isDone) lane.Post(this);
    }

    private protected void CheckToken(short token)
    {
        if (token != Version) throw new InvalidOperationException($"completion \"{Name}\" was reset and its former task is still used");
    }
}
