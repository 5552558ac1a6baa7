using Weft.Fabric.Execution;

namespace Weft.Scenarios.Runner;

/// <summary>A host whose device draws QP numbers from so few that they come again: what else takes millions of connections.</summary>
internal sealed class FewQpNumbers(IExecutor host, string device, int count) : IExecutor, IChooser
{
    /// <summary>Numbers below are not given to connections.</summary>
    private const uint First = 16;

    public string Name => host.Name;
    public Instant Now => host.Now;
    public IChooser Chooser => this;
    public IEnumerable<Fabric.Execution.Timer> ArmedTimers => host.ArmedTimers;

    public ILane CreateLane(string name, ChoiceKind kind) => host.CreateLane(name, kind);
    public void ReleaseLane(ILane lane) => host.ReleaseLane(lane);
    public Fabric.Execution.Timer CreateTimer(string name, Action onFired) => host.CreateTimer(name, onFired);

    public int Choose(int n, in ChoicePoint why) => host.Chooser.Choose(n, in why);

    public ulong Draw(int bits, in ChoicePoint why)
    {
        var drawn = host.Chooser.Draw(bits, in why);
        return why.Kind == ChoiceKind.Value && bits == 24 && why.Subject == device ? First + drawn % (ulong)count : drawn;
    }
}
