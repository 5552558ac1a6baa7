using System.CommandLine;
using System.Globalization;
using System.Threading;
using Weft.Fabric.Hw;
using Weft.Fabric.Verbs;
using Weft.Protocol.Tools;
using Weft.Scenarios.Live;
using Weft.Scenarios.Tools;
using Weft.Scenarios.Tools.Pingpong;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft pingpong</c>: libibverbs' pingpong examples over a real link, with their options and output.</summary>
internal static class PingpongCommand
{
    private const string Link = "--link eth:veth0 --address 10.9.0.1/24";

    public static Command Create()
    {
        var command = new Command("pingpong",
            "Sends messages to and fro as libibverbs' ibv_rc_pingpong, ibv_uc_pingpong, ibv_ud_pingpong and ibv_srq_pingpong do, against those programs or another weft.\n"
            + "The two sides find each other over a TCP connection of the host; HOST is its other end, which need not be the RDMA address.\n\nExamples:\n"
            + $"  weft pingpong rc {Link}\n"
            + $"  weft pingpong rc 192.168.1.7 -s 65536 -n 100 {Link}");
        command.Subcommands.Add(Create("rc", "Reliable connection: ibv_rc_pingpong.", QpType.ReliableConnected, isShared: false));
        command.Subcommands.Add(Create("uc", "Unreliable connection: ibv_uc_pingpong.", QpType.UnreliableConnected, isShared: false));
        command.Subcommands.Add(Create("ud", "Unreliable datagrams: ibv_ud_pingpong.", QpType.UnreliableDatagram, isShared: false));
        command.Subcommands.Add(Create("srq", "Reliable connections with one receive queue: ibv_srq_pingpong.", QpType.ReliableConnected, isShared: true));
        return command;
    }

    private static Command Create(string name, string description, QpType type, bool isShared)
    {
        var isDatagram = type == QpType.UnreliableDatagram;
        var host = new Argument<string?>("host") { Description = "The server's TCP address or name; without it, be the server.", Arity = ArgumentArity.ZeroOrOne };
        var port = new Option<ushort>("-p", "--port") { Description = "TCP port.", DefaultValueFactory = _ => PingpongOptions.DefaultPort };
        var listen = new Option<string?>("--oob") { Description = "Server: the address of this host to listen on for TCP. Default: every one.", HelpName = "address" };
        var size = new Option<int>("-s", "--size") { Description = "Bytes of a message.", DefaultValueFactory = _ => isDatagram ? 2048 : 4096 };
        var mtu = new Option<int>("-m", "--path-mtu") { Description = "Path MTU: 256, 512, 1024, 2048 or 4096; both sides must use the same.", DefaultValueFactory = _ => 1024, HelpName = "bytes" };
        var depth = new Option<int>("-r", "--rx-depth") { Description = "Receives to post at a time.", DefaultValueFactory = _ => 500 };
        var count = new Option<int>("-n", "--iters") { Description = "Exchanges.", DefaultValueFactory = _ => 1000 };
        var pairs = new Option<int>("-q", "--num-qp") { Description = "Queue pairs.", DefaultValueFactory = _ => 16 };
        var events = new Option<bool>("-e", "--events") { Description = "Sleep until there are completions; default: poll." };
        var gid = new Option<int?>("-g", "--gid-idx") { Description = "Index of our GID. Default: the first address given." };
        var check = new Option<bool>("-c", "--chk") { Description = "Compare every byte that arrives; both sides must be told to." };
        var json = CommonOptions.Json();
        var live = new LiveOptions();
        var command = new Command(name, $"{description}\n\nExamples:\n  weft pingpong {name} {Link}\n  weft pingpong {name} 192.168.1.7 -c {Link}")
        { host, port, listen, size, depth, count, events, gid, check, json };
        if (!isDatagram) command.Options.Add(mtu);
        if (isShared) command.Options.Add(pairs);
        live.AddTo(command);
        command.SetAction(parsed =>
        {
            try
            {
                using var device = live.Open(parsed);
                var port1 = device.Device.QueryPort(1);
                var options = new PingpongOptions(type, isShared, parsed.GetValue(size), isDatagram ? port1.ActiveMtu : ToolText.ParseMtu(parsed.GetValue(mtu), port1),
                    parsed.GetValue(depth), parsed.GetValue(count), isShared ? parsed.GetValue(pairs) : 1, parsed.GetValue(events),
                    LocalGid.Choose(device.Device, parsed.GetValue(gid)), parsed.GetValue(check));
                if (Refuse(options) is { } reason) return Out.Usage(reason);
                var endpoint = new PingpongEndpoint(device.Device, options, parsed.GetValue(host) is not null);
                return LiveTask.Run(device,
                    cancel => RunAsync(device, options, endpoint, parsed.GetValue(host) ?? parsed.GetValue(listen), parsed.GetValue(port), parsed.GetValue(json), cancel),
                    () => { endpoint.Close(); return Task.CompletedTask; });
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

    private static string? Refuse(PingpongOptions options) =>
        options.Size < 1 ? $"a message has at least 1 byte, not {options.Size}"
        : options.Type == QpType.UnreliableDatagram && options.Size > options.Mtu.Bytes() ? $"Requested size larger than port MTU ({options.Mtu.Bytes()}); a datagram is one packet"
        : options.Iterations < 1 ? $"-n is at least 1, not {options.Iterations}"
        : options.QueuePairs is < 1 or >= PingpongOptions.SharedAddresses ? $"-q is 1..{PingpongOptions.SharedAddresses - 1}, not {options.QueuePairs}"
        : options.ReceiveDepth < options.QueuePairs + 1 ? $"-r is at least one more than the queue pairs, not {options.ReceiveDepth}"
        : null;

    private static async Task<int> RunAsync(
        LiveDevice device, PingpongOptions options, PingpongEndpoint endpoint, string? host, ushort port, bool json, CancellationToken cancel)
    {
        for (var i = 0; i < options.QueuePairs; i++) if (!json) Print("local address: ", endpoint.Own[i]);
        using var channel = endpoint.IsClient
            ? await TcpChannel.ConnectAsync(device.Executor, host!, port, cancel)
            : await TcpChannel.AcceptAsync(device.Executor, host, port, () => Console.Error.WriteLine($"listening on TCP port {port}"), cancel);
        var peers = await PingpongExchange.RunAsync(channel, endpoint);
        for (var i = 0; i < options.QueuePairs; i++) if (!json) Print("remote address:", peers[i]);
        endpoint.Start();
        await endpoint.Finished;
        Report(options, endpoint, json);
        return ExitCode.Success;
    }

    private static void Print(string whose, PingpongAddress address) =>
        Out.Line($"  {whose} LID 0x{address.Lid.Value:x4}, QPN {address.Qpn}, PSN {address.Psn}, GID {ToolText.Ipv6(address.Gid)}");

    private static void Report(PingpongOptions options, PingpongEndpoint endpoint, bool json)
    {
        var (bytes, seconds) = (2L * options.Size * options.Iterations, endpoint.Elapsed.TotalSeconds);
        var megabits = bytes * 8 / Math.Max(seconds, 1e-9) / 1e6;
        var microseconds = seconds * 1e6 / options.Iterations;
        if (json)
        {
            Out.Json(new { Bytes = bytes, options.Iterations, Seconds = seconds, MegabitsPerSecond = megabits, MicrosecondsPerIteration = microseconds });
            return;
        }
        Out.Line(string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes in {seconds:f2} seconds = {megabits:f2} Mbit/sec"));
        Out.Line(string.Create(CultureInfo.InvariantCulture, $"{options.Iterations} iters in {seconds:f2} seconds = {microseconds:f2} usec/iter"));
    }
}
