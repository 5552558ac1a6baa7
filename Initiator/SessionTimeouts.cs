namespace Weft.Initiator;

/// <summary>Timers of a session, with open-iscsi's defaults.</summary>
public record SessionTimeouts
{
    /// <summary>One login attempt with its connect.</summary>
    public Duration Login { get; init; } = Duration.FromSeconds(15);
    /// <summary>Attempts of the first login: it is given up after so many times <see cref="Login"/> (node.session.initial_login_retry_max).</summary>
    public int InitialLoginRetries { get; init; } = 8;
    public Duration Logout { get; init; } = Duration.FromSeconds(15);
    /// <summary>
    /// How long the answer to a disconnect is waited for, before the connection's identifiers go to the CM's TIMEWAIT: time for one
    /// repetition of the DREQ.
    /// </summary>
    public Duration Disconnect { get; init; } = Duration.FromSeconds(10);
    /// <summary>Silence before a ping is sent; zero switches pings off (noop_out_interval).</summary>
    public Duration PingInterval { get; init; } = Duration.FromSeconds(5);
    /// <summary>Silence after the ping before the connection counts as lost (noop_out_timeout).</summary>
    public Duration PingTimeout { get; init; } = Duration.FromSeconds(5);
    /// <summary>For commands that do not name their own.</summary>
    public Duration Command { get; init; } = Duration.FromSeconds(30);
    public Duration Abort { get; init; } = Duration.FromSeconds(15);
    public Duration LunReset { get; init; } = Duration.FromSeconds(30);
    public Duration TargetReset { get; init; } = Duration.FromSeconds(30);
    /// <summary>
    /// A task management function without an answer ends the connection at once, as the Linux kernel's initiator does, instead of leading to
    /// the next stronger one.
    /// </summary>
    public bool DropWhenTaskManagementTimesOut { get; init; }
    /// <summary>How long commands wait for a lost session: zero fails them at once, infinite keeps them for ever.</summary>
    public Duration Replacement { get; init; } = Duration.FromSeconds(120);
    /// <summary>Between login attempts that were refused or could not connect; one that ran into its timeout is followed by the next at once.</summary>
    public Duration Retry { get; init; } = Duration.FromSeconds(3);
    /// <summary>Failed attempts after which a lost session is given up; 0 never (node.session.reopen_max).</summary>
    public int ReopenMax { get; init; }
    /// <summary>Before a command is sent again that met BUSY or TASK SET FULL.</summary>
    public Duration Busy { get; init; } = Duration.FromMilliseconds(10);
    /// <summary>Address resolution, and route resolution, each (ib_iser: 1 s).</summary>
    public Duration Resolve { get; init; } = Duration.FromSeconds(1);
}
