namespace Weft.Protocol.Iscsi;

/// <summary>
/// The target's half of command numbering: ExpCmdSN moves as commands arrive, MaxCmdSN as their places are given back, so that never more
/// than <see cref="Depth"/> numbered commands are in the target at once. RFC 7143 §4.2.2.1. Allocates only when made.
/// </summary>
public sealed class CommandWindow
{
    public const int MaxDepth = 2048;
    private readonly ulong[] arrived;
    private readonly uint mask;

    /// <param name="first">CmdSN of the leading login: the first command uses it again, since a login consumes none.</param>
    /// <param name="depth">1..2048 commands.</param>
    public CommandWindow(CmdSn first, int depth)
    {
        if (depth is < 1 or > MaxDepth) throw new ArgumentOutOfRangeException(nameof(depth), depth, "1..2048");
        Depth = depth;
        var bits = 64;
        while (bits < depth) bits *= 2;
        arrived = new ulong[bits / 64];
        mask = (uint)bits - 1;
        ExpCmdSn = first;
        MaxCmdSn = first + (uint)depth - 1;
    }

    public int Depth { get; }
    /// <summary>The next command in order.</summary>
    public CmdSn ExpCmdSn { get; private set; }
    /// <summary>The last number that is accepted; ExpCmdSN - 1 when the window is closed.</summary>
    public CmdSn MaxCmdSn { get; private set; }
    /// <summary>Numbers that may be sent now, as the initiator computes it.</summary>
    public int Open => MaxCmdSn - ExpCmdSn + 1;
    /// <summary>Commands taken whose place was not given back yet, held ones not counted.</summary>
    public int InUse => Depth - Open;

    public bool IsInside(CmdSn sn) => sn >= ExpCmdSn && sn <= MaxCmdSn;

    /// <summary>A numbered (not immediate) command arrived.</summary>
    public WindowVerdict Receive(CmdSn sn)
    {
        if (!IsInside(sn)) return WindowVerdict.Outside;
        if (Test(sn)) return WindowVerdict.Duplicate;
        if (sn == ExpCmdSn)
        {
            ExpCmdSn = sn.Next;
            return WindowVerdict.Ready;
        }
        Set(sn);
        return WindowVerdict.Held;
    }

    /// <summary>
    /// Fills a hole without a command: an ABORT TASK whose RefCmdSN did not arrive yet counts it as received. RFC 7143 §11.5.1.
    /// Its place is given back with <see cref="Release"/> when the number is passed: at once for <see cref="WindowVerdict.Ready"/>,
    /// else when <see cref="TryTakeHeld"/> returns a number for which no command waits.
    /// </summary>
    public WindowVerdict Skip(CmdSn sn) => Receive(sn);

    /// <summary>After <see cref="WindowVerdict.Ready"/>: the next command, if it is here already.</summary>
    public bool TryTakeHeld(out CmdSn sn)
    {
        sn = ExpCmdSn;
        if (!Test(sn)) return false;
        arrived[(sn.Value & mask) >> 6] &= ~(1UL << (int)(sn.Value & 63));
        ExpCmdSn = sn.Next;
        return true;
    }

    /// <summary>A command ended and its place is free: the window opens by one at its far end.</summary>
    public void Release()
    {
        if (InUse <= 0) throw new InvalidOperationException("more commands ended than were taken");
        MaxCmdSn = MaxCmdSn.Next;
    }

    private bool Test(CmdSn sn) => (arrived[(sn.Value & mask) >> 6] >> (int)(sn.Value & 63) & 1) != 0;
    private void Set(CmdSn sn) => arrived[(sn.Value & mask) >> 6] |= 1UL << (int)(sn.Value & 63);
}
