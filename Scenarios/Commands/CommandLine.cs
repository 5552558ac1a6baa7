using System.CommandLine;

namespace Weft.Scenarios.Commands;

/// <summary>The whole command line.</summary>
internal static class CommandLine
{
    public static RootCommand Create()
    {
        var root = new RootCommand(
            "Emulates RDMA storage on a deterministic fabric: runs scenarios, explores every order of events, replays failures exactly.\n\n"
            + "Examples:\n"
            + "  weft run login-before-established --capture login.pcapng\n"
            + "  weft explore login-before-established --strategy exhaustive\n"
            + "  weft replay failure.choices --capture failure.pcapng");
        root.Subcommands.Add(ListCommand.Create());
        root.Subcommands.Add(RunCommand.Create());
        root.Subcommands.Add(ExploreCommand.Create());
        root.Subcommands.Add(ReplayCommand.Create());
        root.Subcommands.Add(ShrinkCommand.Create());
        root.Subcommands.Add(BenchCommand.Create());
        root.Subcommands.Add(RpingCommand.Create());
        root.Subcommands.Add(PingpongCommand.Create());
        root.Subcommands.Add(PerfCommand.Create());
        root.Subcommands.Add(UdaddyCommand.Create());
        root.Subcommands.Add(DevicesCommand.Create());
        root.Subcommands.Add(ServeCommand.Create());
        root.Subcommands.Add(DiskCommands.Create());
        root.Subcommands.Add(NbdServeCommand.Create());
        root.Subcommands.Add(CaptureCommand.Create());
        root.Subcommands.Add(SubnetCommand.Create());
        root.Subcommands.Add(SrpDiscoveryCommands.CreateIbsrpdm());
        root.Subcommands.Add(SrpDiscoveryCommands.CreateDaemon());
        return root;
    }
}
