using Weft.Fabric.Execution;

namespace Weft.Scenarios.Runner;

/// <summary>
/// What a scenario's steps stand on: hosts, time, waits. A simulated world is one, a loop over real links is the other; steps that ask for no
/// more than this run on both.
/// </summary>
internal interface IStage
{
    /// <summary>Virtual time, or the machine's.</summary>
    Instant Now { get; }
    /// <summary>Answers for the steps: what they draw comes from the seed on either stage.</summary>
    IChooser Chooser { get; }
    /// <summary>Frames that were lost or damaged on purpose, as far as the stage knows.</summary>
    long FramesLost { get; }
    /// <summary>Frames that were doubled, delayed or passed on purpose.</summary>
    long FramesDisturbed { get; }

    /// <summary>A host with one RoCE port and this address.</summary>
    ScenarioHost AddHost(string name, Gid address, SimHostOptions options, Settings settings, ScenarioParts parts);

    ValueTask Delay(Duration duration);
    ValueTask Until(Func<bool> condition, string what);
    /// <exception cref="TimeoutException">It did not hold in time.</exception>
    ValueTask Until(Func<bool> condition, string what, Duration within);
    Signal NewSignal(string what);
    /// <summary>Makes the failure of a task that nobody awaits the failure of the run.</summary>
    void Watch(Task task);
    /// <summary>The run ends and reports this.</summary>
    void Fail(string rule, string why);

    /// <summary>The order of events is of interest from here on, or no more; without meaning where nobody chooses it.</summary>
    void OpenOrder();
    void CloseOrder();

    /// <summary>Waits until nothing is going on any more.</summary>
    ValueTask Rest(IReadOnlyList<ScenarioHost> hosts);
    /// <summary>What is still going on; empty when nothing is.</summary>
    string Restless(bool exceptHeldFrames);
}
