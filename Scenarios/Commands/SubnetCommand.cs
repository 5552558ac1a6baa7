using System.CommandLine;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Sim.Subnet.Topologies;
using Weft.Fabric.Sim.Subnet.Umad;
using Weft.Protocol.Mad.Smp;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft subnet</c>: InfiniBand subnets, and programs that manage them.</summary>
internal static class SubnetCommand
{
    public static Command Create() => new("subnet",
        "Makes InfiniBand subnets and serves them to unmodified management programs (OpenSM, infiniband-diags) through the preload\n"
        + "library of ibsim.\n\nExamples:\n  weft subnet generate fat-tree --k 8 > x.net\n  weft subnet serve x.net &\n"
        + "  ibsim-run opensm\n  weft subnet ctl unlink '\"leaf-0001\"[1]'")
    {
        SubnetGenerateCommand.Create(), SubnetServeCommand.Create(), CreateCtl(), CreateReplay(), SubnetBenchCommand.Create(),
    };

    /// <summary>Reads a topology file; says what is wrong with it, and returns null.</summary>
    public static IbSubnet? Read(FileInfo file)
    {
        try
        {
            if (TopologyReader.TryRead(File.ReadAllText(file.FullName), out var subnet, out var error)) return subnet;
            Out.Usage($"{file.Name}, {error}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Out.Usage($"{file.Name}: {e.Message}");
        }
        return null;
    }

    /// <summary>What a subnet consists of, in one line.</summary>
    public static string Describe(IbSubnet subnet)
    {
        var switches = subnet.Nodes.Count(n => n.IsSwitch);
        var hosts = subnet.Nodes.Count(n => n.Type == NodeType.Ca);
        return $"{hosts} hosts, {switches} switches{(subnet.Nodes.Count > hosts + switches ? $", {subnet.Nodes.Count - hosts - switches} routers" : "")}";
    }

    private static Command CreateCtl()
    {
        var words = new Argument<string[]>("command") { Description = "A console command and its arguments; help lists them.", Arity = ArgumentArity.OneOrMore };
        var name = SubnetServeCommand.Name();
        var command = new Command("ctl",
            "Sends a console command to a subnet that is being served, and prints the answer.\n\nExamples:\n  weft subnet ctl dump\n"
            + "  weft subnet ctl unlink '\"leaf-001\"[3]'\n  weft subnet ctl error 'H-0002c90300100000[1]' SymbolErrorCounter=7\n  weft subnet ctl route 1 5") { words, name };
        command.SetAction(parsed =>
        {
            var line = string.Join(' ', parsed.GetValue(words)!);
            if (!Subnets.ConsoleClient.TryAsk(parsed.GetValue(name)!, line, out var answer, out var isDone)) return Out.Usage(answer);
            if (!isDone) return Out.Usage(answer);
            if (answer.Length > 0) Out.Line(answer);
            return ExitCode.Success;
        });
        return command;
    }

    private static Command CreateReplay()
    {
        var file = new Argument<FileInfo>("file") { Description = "What serve --record wrote." };
        var json = CommonOptions.Json();
        var command = new Command("replay",
            "Plays a recorded session of serve again, without programs and sockets, and compares every datagram that the fabric sends.\n"
            + "Exit code 1 at the first difference.\n\nExample:\n  weft subnet replay session.rec") { file, json };
        command.SetAction(parsed =>
        {
            var given = parsed.GetValue(file)!;
            SessionReplay replay;
            try
            {
                replay = SessionReplay.Run(File.ReadAllBytes(given.FullName));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return Out.Usage($"{given.Name}: {e.Message}");
            }
            if (replay.IsUnreadable) return Out.Usage($"{given.Name}: {replay.Problem}");
            if (parsed.GetValue(json)) Out.Json(new { replay.Inputs, replay.Outputs, replay.Problem });
            else Out.Line(replay.Problem ?? $"the same: {replay.Inputs} inputs, {replay.Outputs} datagrams sent");
            return replay.Problem is null ? ExitCode.Success : ExitCode.Failed;
        });
        return command;
    }
}
