namespace Weft.Fabric.Sim.Links;

/// <summary>Says whether a frame, link header first, is one that a fault is meant for.</summary>
public delegate bool FrameMatch(ReadOnlySpan<byte> frame);

/// <summary>
/// A fault for chosen frames: "drop the second RTU". Give it to <see cref="LinkPort.Plan"/>; it strikes what that port sends.
/// </summary>
public sealed class FrameFault(string name, FrameMatch match)
{
    private LinkPort? owner;

    /// <summary>For traces and the claim that the fault did happen.</summary>
    public string Name { get; } = name;
    public FrameFaultAction Action { get; init; } = FrameFaultAction.Drop;
    /// <summary>The first frame struck, counted from 1 among those that match.</summary>
    public int First { get; init; } = 1;
    /// <summary>How many are struck from there on.</summary>
    public int Count { get; init; } = 1;
    /// <summary>Asks, for each frame that it could strike, whether it does, with these odds; negative: strikes always.</summary>
    public int OddsPerMillion { get; init; } = -1;
    /// <summary>With <see cref="FrameFaultAction.Delay"/>.</summary>
    public Duration Delay { get; init; }
    /// <summary>With <see cref="FrameFaultAction.Corrupt"/>: which bit, from the start of the link header.</summary>
    public int Bit { get; init; }

    /// <summary>Frames that matched so far.</summary>
    public int Matched { get; private set; }
    /// <summary>Frames struck so far.</summary>
    public int Struck { get; private set; }

    internal void BelongsTo(LinkPort port)
    {
        if (owner is not null) throw new InvalidOperationException($"fault \"{Name}\" is planned for {owner} already");
        owner = port;
    }

    internal bool Strikes(ReadOnlySpan<byte> frame, IChooser chooser, string direction)
    {
        if (Struck >= Count || !match(frame)) return false;
        if (++Matched < First) return false;
        if (OddsPerMillion >= 0 && chooser.Choose(2, new(ChoiceKind.Fault, direction, OddsPerMillion)) == 0) return false;
        Struck++;
        return true;
    }
}
