namespace Weft.Protocol.Iscsi;

/// <summary>The initiator's half of command numbering. RFC 7143 §4.2.2.1.</summary>
public sealed class InitiatorWindow(CmdSn first)
{
    /// <summary>Number of the next command; immediate ones carry it without consuming it.</summary>
    public CmdSn NextCmdSn { get; private set; } = first;
    public CmdSn ExpCmdSn { get; private set; } = first;
    public CmdSn MaxCmdSn { get; private set; } = first;

    public bool CanSend => NextCmdSn <= MaxCmdSn;
    /// <summary>Commands that may still be sent now.</summary>
    public int Open => Math.Max(0, MaxCmdSn - NextCmdSn + 1);

    /// <summary>Numbers a command.</summary>
    /// <exception cref="InvalidOperationException">The window is closed.</exception>
    public CmdSn Take()
    {
        if (!CanSend) throw new InvalidOperationException($"command window closed at {MaxCmdSn}");
        var sn = NextCmdSn;
        NextCmdSn = sn.Next;
        return sn;
    }

    /// <summary>
    /// Applies the numbers of a PDU from the target. Both are ignored if MaxCmdSN is below ExpCmdSN - 1; otherwise each is taken only if
    /// it is greater, because PDUs of several connections may pass each other.
    /// </summary>
    /// <returns>True if the window opened.</returns>
    public bool Update(CmdSn exp, CmdSn max)
    {
        if (max < exp - 1) return false;
        if (exp > ExpCmdSn) ExpCmdSn = exp;
        if (max <= MaxCmdSn) return false;
        MaxCmdSn = max;
        return true;
    }
}
