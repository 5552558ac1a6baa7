using System.CommandLine;
using Weft.Fabric.Connections;
using Weft.Fabric.Hw;
using Weft.Fabric.Verbs;
using Weft.Scenarios.Live;
using Weft.Scenarios.Tools.Udaddy;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft udaddy</c>: librdmacm's udaddy over a real link, with its options and output.</summary>
internal static class UdaddyCommand
{
    public static Command Create()
    {
        var server = new Option<string?>("-s") { Description = "The server's address; without it, be the server.", HelpName = "address" };
        var bind = new Option<string?>("-b") { Description = "Server: address to listen on. Default: every one.", HelpName = "address" };
        var port = new Option<ushort>("-p") { Description = "Port.", DefaultValueFactory = _ => UdaddyOptions.DefaultPort };
        var connections = new Option<int>("-c") { Description = "Connections.", DefaultValueFactory = _ => 1 };
        var count = new Option<int>("-C") { Description = "Messages of each connection.", DefaultValueFactory = _ => 10 };
        var size = new Option<int>("-S") { Description = "Bytes of a message, at most the path MTU.", DefaultValueFactory = _ => 100 };
        var json = CommonOptions.Json();
        var live = new LiveOptions();
        var command = new Command("udaddy",
            "Unreliable datagrams between queue pairs that find each other through the RDMA CM, as udaddy does, against udaddy itself or another weft.\n\nExamples:\n"
            + "  weft udaddy --link eth:veth0 --address 10.9.0.1/24\n"
            + "  weft udaddy -s 10.9.0.12 -c 2 -C 100 -S 1024 --link eth:veth0 --address 10.9.0.1/24") { server, bind, port, connections, count, size, json };
        live.AddTo(command);
        command.SetAction(parsed =>
        {
            try
            {
                using var device = live.Open(parsed);
                var options = new UdaddyOptions(parsed.GetValue(connections), parsed.GetValue(count), parsed.GetValue(size));
                var most = device.Device.QueryPort(1).ActiveMtu.Bytes();
                if (options.Connections < 1) return Out.Usage($"-c is at least 1, not {options.Connections}");
                if (options.Count < 0 || options.Count > device.Device.Attributes.MaxQpWr) return Out.Usage($"-C is 0..{device.Device.Attributes.MaxQpWr}, not {options.Count}");
                if (options.Size < 1 || options.Size > most) return Out.Usage($"udaddy: message_size {options.Size} is not 1..{most}, the active MTU");
                var quiet = parsed.GetValue(json);
                var run = new UdaddyRun(device.Device, options, quiet ? _ => { } : Out.Line);
                return LiveTask.Run(device, async _ =>
                {
                    if (parsed.GetValue(server) is { } peer) await run.ConnectAsync(EndpointText.Parse(peer, parsed.GetValue(port)));
                    else await run.ServeAsync(Local(parsed.GetValue(bind), parsed.GetValue(port)), () => Console.Error.WriteLine($"listening on {device.Endpoint(parsed.GetValue(port))}"));
                    if (quiet) Out.Json(new { options.Connections, run.Sent, run.Received });
                    else Out.Line("test complete\nreturn status 0");
                    return ExitCode.Success;
                }, () => { run.Close(); return Task.CompletedTask; });
            }
            catch (Exception e) when (e is LinkException or VerbsException or FormatException or UnauthorizedAccessException)
            {
                return Out.Usage(e.Message);
            }
            catch (IOException e)
            {
                Console.Error.WriteLine(e.Message);
                return ExitCode.Failed;
            }
        });
        return command;
    }

    private static IpEndpoint Local(string? address, ushort port) => address is null ? new(default, port) : EndpointText.Parse(address, port);
}
