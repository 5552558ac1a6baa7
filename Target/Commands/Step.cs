namespace Weft.Target.Commands;

/// <summary>How one step of a command's work ended.</summary>
public enum Step : byte
{
    /// <summary>Something was asked of the front end or the back end; its answer goes on.</summary>
    Wait,
    /// <summary>Take the next step at once.</summary>
    Again,
    /// <summary>Status is set.</summary>
    End,
}
