namespace Weft.Protocol.Iscsi;

/// <summary>What the target does with a numbered command. RFC 7143 §4.2.2.1.</summary>
public enum WindowVerdict
{
    /// <summary>It is the expected one and runs now; then ask <see cref="CommandWindow.TryTakeHeld"/>.</summary>
    Ready,
    /// <summary>Inside the window but ahead of a hole: it waits.</summary>
    Held,
    /// <summary>Inside the window and already here: ignored.</summary>
    Duplicate,
    /// <summary>Below ExpCmdSN or above MaxCmdSN: ignored without an answer.</summary>
    Outside,
}
