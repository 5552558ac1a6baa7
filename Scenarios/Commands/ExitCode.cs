namespace Weft.Scenarios.Commands;

/// <summary>What the program's exit code says.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    /// <summary>A claim or a check failed.</summary>
    public const int Failed = 1;
    /// <summary>The command line, a file or an environment that does not fit; nothing was run.</summary>
    public const int Usage = 2;
    /// <summary>Ended by Ctrl-C, as shells report it (128 + SIGINT).</summary>
    public const int Interrupted = 130;
}
