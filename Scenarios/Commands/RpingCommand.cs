using System.CommandLine;
using Weft.Fabric.Connections;
using Weft.Fabric.Hw;
using Weft.Fabric.Verbs;
using Weft.Scenarios.Live;
using Weft.Scenarios.Tools.Rping;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft rping</c>: librdmacm's rping, over a real link, with its options and its output.</summary>
internal static class RpingCommand
{
    public static Command Create()
    {
        var server = new Option<bool>("-s") { Description = "Be the server." };
        var client = new Option<bool>("-c") { Description = "Be the client." };
        var peer = new Option<string?>("-a") { Description = "Server: address to listen on; client: the server's address.", HelpName = "address" };
        var port = new Option<ushort>("-p") { Description = "Port.", DefaultValueFactory = _ => RpingOptions.DefaultPort };
        var count = new Option<int>("-C") { Description = "Pings; 0 goes on for ever.", DefaultValueFactory = _ => 0 };
        var size = new Option<int>("-S") { Description = $"Bytes of a ping, {RpingOptions.MinSize} to {RpingOptions.MaxSize}.", DefaultValueFactory = _ => 64 };
        var verbose = new Option<bool>("-v") { Description = "Print the data of each ping." };
        var validate = new Option<bool>("-V") { Description = "Compare the data." };
        var persistent = new Option<bool>("-P") { Description = "Server: serve one client after another until Ctrl-C." };
        var json = CommonOptions.Json();
        var live = new LiveOptions();
        var command = new Command("rping",
            "Pings over RDMA as rping does, against rping itself or another weft.\n\nExamples:\n"
            + "  weft rping -s -P --link eth:veth0 --address 10.9.0.1/24\n"
            + "  weft rping -c -a 10.9.0.12 -C 10 -v --link eth:veth0 --address 10.9.0.1/24") { server, client, peer, port, count, size, verbose, validate, persistent, json };
        live.AddTo(command);
        command.SetAction(parsed =>
        {
            var bytes = parsed.GetValue(size);
            if (parsed.GetValue(server) == parsed.GetValue(client)) return Out.Usage("give either -s or -c");
            if (bytes is < RpingOptions.MinSize or > RpingOptions.MaxSize)
                return Out.Usage($"Invalid size {bytes} (valid range is {RpingOptions.MinSize} to {RpingOptions.MaxSize})");
            if (parsed.GetValue(count) < 0) return Out.Usage($"Invalid count {parsed.GetValue(count)}");
            var options = new RpingOptions(parsed.GetValue(count), bytes, parsed.GetValue(verbose), parsed.GetValue(validate));
            try
            {
                using var device = live.Open(parsed);
                var address = default(Gid);
                if (parsed.GetValue(peer) is { } text && !Gid.TryParse(text, out address)) return Out.Usage($"'{text}' is not an IPv4 or IPv6 address");
                var asJson = parsed.GetValue(json);
                if (parsed.GetValue(server)) return Serve(device, options, new(address, parsed.GetValue(port)), parsed.GetValue(persistent), asJson);
                return address.IsNone ? Out.Usage("the client needs the server's address: -a ADDRESS") : Ping(device, options, new(address, parsed.GetValue(port)), asJson);
            }
            catch (Exception e) when (e is LinkException or VerbsException or FormatException or IOException or UnauthorizedAccessException)
            {
                return Out.Usage(e.Message);
            }
        });
        return command;
    }

    private static int Serve(LiveDevice device, RpingOptions options, IpEndpoint endpoint, bool persistent, bool asJson)
    {
        using var interrupt = new Interrupt(device.Executor);
        var listener = new RpingListener(device.Device, options, asJson ? _ => { } : Out.Line);
        listener.Listen(endpoint);
        Console.Error.WriteLine($"listening on {device.Endpoint(endpoint.Port)}");
        device.Executor.Run(() => !persistent && listener.Servers.Count > 0 && listener.Servers.TrueForAll(s => s.IsFinished));
        if (interrupt.WasRequested) foreach (var server in listener.Servers) server.Disconnect();
        listener.Close();
        device.Executor.Run(() => listener.Servers.TrueForAll(s => s.IsFinished));
        if (asJson) Out.Json(listener.Servers.Select(s => new { s.Pings, s.Failure }));
        foreach (var server in listener.Servers) if (server.Failure is { } failure) return Fail(failure);
        return interrupt.WasRequested && !persistent ? ExitCode.Interrupted : ExitCode.Success;
    }

    private static int Ping(LiveDevice device, RpingOptions options, IpEndpoint server, bool asJson)
    {
        using var interrupt = new Interrupt(device.Executor);
        var client = new RpingClient(device.Device, options, asJson ? _ => { } : Out.Line);
        client.Connect(server);
        device.Executor.Run(() => client.IsFinished);
        if (interrupt.WasRequested && !client.IsFinished)
        {
            client.Disconnect();
            device.Executor.Run(() => client.IsFinished);
            return ExitCode.Interrupted;
        }
        if (asJson) Out.Json(new { client.Pings, options.Size, client.Failure });
        return client.Failure is { } failure ? Fail(failure) : ExitCode.Success;
    }

    private static int Fail(string failure)
    {
        Console.Error.WriteLine(failure);
        return ExitCode.Failed;
    }
}
