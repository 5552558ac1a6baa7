using System.CommandLine;
using System.Globalization;
using System.Threading;
using Weft.Fabric.Hw;
using Weft.Fabric.Verbs;
using Weft.Initiator;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Live;
using Weft.Scenarios.Tools.Disk;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft disk</c>: our initiator on a real link, against any iSER or SRP target.</summary>
internal static class DiskCommands
{
    private const string Link = "--link eth:eth1 --address 10.9.0.1/24";

    public static Command Create()
    {
        var command = new Command("disk",
            "Discovers, reads, writes, compares and measures the disks of any iSER or SRP target, over a real link. Ctrl-C logs out.\n\nExamples:\n"
            + $"  weft disk discover 10.9.0.12 {Link}\n"
            + $"  weft disk write 10.9.0.12 disk.img {Link} --chap alice:@secret.txt\n"
            + $"  weft disk bench 10.9.0.12 {Link} --block 4k --depth 32 --random\n"
            + $"  weft disk info id_ext=505400fffe09000b,ioc_guid=505400fffe09000b,dest=10.9.0.12:5555 {Link}\n"
            + $"  weft disk cycle 10.9.0.12 {Link} --count 200 --sessions 4");
        command.Subcommands.Add(Discover());
        command.Subcommands.Add(Info());
        command.Subcommands.Add(Copy("read", "Copies a disk, or a part of it, to a file.", FileMode.Create, FileAccess.ReadWrite,
            (copy, cancel) => copy.ReadAsync(cancel)));
        command.Subcommands.Add(Copy("write", "Copies a file to a disk and flushes it. What is beyond the file's end is kept.", FileMode.Open, FileAccess.Read,
            (copy, cancel) => copy.WriteAsync(cancel)));
        command.Subcommands.Add(Copy("verify", "Compares a disk with a file, byte by byte.", FileMode.Open, FileAccess.Read,
            (copy, cancel) => copy.CompareAsync(cancel)));
        command.Subcommands.Add(Bench());
        command.Subcommands.Add(Cycle());
        return command;
    }

    private static Command Discover()
    {
        var login = new DiskLogin();
        var json = CommonOptions.Json();
        var command = new Command("discover", "Asks a portal for its targets.") { json };
        login.AddTo(command, hasUnit: false);
        command.SetAction(parsed => Run(login, parsed, async (host, _) =>
        {
            var found = await host.DiscoverAsync(login.Portal(parsed), login.Options(parsed));
            if (parsed.GetValue(json)) Out.Json(found.Select(t => new { t.Name, Portal = t.Portal.ToString(), t.PortalGroup }));
            else foreach (var target in found) Out.Line(target.ToString());
            return ExitCode.Success;
        }));
        return command;
    }

    private static Command Info()
    {
        var login = new DiskLogin();
        var json = CommonOptions.Json();
        var command = new Command("info", "Says what a logical unit is, and which ones there are.") { json };
        login.AddTo(command, hasUnit: true);
        command.SetAction(parsed => Run(login, parsed, async (host, _) =>
        {
            var (disk, capacity) = await login.OpenAsync(parsed, host);
            var inquiry = await disk.InquiryAsync();
            var luns = await disk.Session.ListLunsAsync();
            var bytes = (long)(capacity.LastLba + 1) * capacity.BlockLength;
            var serial = await SerialAsync(disk);
            if (parsed.GetValue(json))
            {
                Out.Json(new
                {
                    Target = disk.Session.TargetName, Lun = disk.Lun.ToString(), Luns = luns.Select(l => l.ToString()),
                    inquiry.Vendor, inquiry.Product, inquiry.Revision, Serial = serial, Bytes = bytes, capacity.BlockLength,
                    PhysicalBlockLength = capacity.BlockLength << capacity.PhysicalExponent, Thin = capacity.IsThin,
                });
                return ExitCode.Success;
            }
            Out.Line($"target    {disk.Session.TargetName}");
            Out.Line($"lun       {disk.Lun} of {string.Join(", ", luns)}");
            Out.Line($"device    {inquiry}");
            Out.Line($"serial    {serial ?? "none"}");
            Out.Line($"capacity  {bytes} bytes ({ByteSize.Format(bytes)}), {capacity.LastLba + 1} blocks of {capacity.BlockLength}{(capacity.IsThin ? ", thin" : "")}");
            return ExitCode.Success;
        }));
        return command;
    }

    private static Command Copy(string name, string description, FileMode mode, FileAccess access, Func<DiskCopy, CancellationToken, Task> work)
    {
        var login = new DiskLogin();
        var offset = new Option<string>("--offset") { Description = "Where on the disk to begin: bytes, or a number with k, M, G or T; a whole number of blocks.", DefaultValueFactory = _ => "0", HelpName = "size" };
        var size = new Option<string?>("--size") { Description = "How much at most. Default: to the end of the file, or of the disk.", HelpName = "size" };
        var file = new Argument<string>("file") { Description = "The file, or - for standard input or output." };
        var json = CommonOptions.Json();
        var command = new Command(name, description) { offset, size, json };
        login.AddTo(command, hasUnit: true);
        command.Arguments.Add(file);
        command.SetAction(parsed => Run(login, parsed, async (host, cancel) =>
        {
            var start = ByteSize.ParseOffset(parsed.GetValue(offset)!);
            var wanted = parsed.GetValue(size) is { } text ? ByteSize.Parse(text) : long.MaxValue;
            using var stream = OpenFile(parsed.GetValue(file)!, mode, access);
            var (disk, capacity) = await login.OpenAsync(parsed, host);
            var left = (long)(capacity.LastLba + 1) * capacity.BlockLength - start;
            if (start % capacity.BlockLength != 0) throw new FormatException($"--offset {start} is not a multiple of the block length {capacity.BlockLength}");
            if (left <= 0) throw new FormatException($"--offset {start} is beyond the disk's end");
            var isInput = access == FileAccess.Read;
            if (isInput && stream.CanSeek) wanted = Math.Min(wanted, stream.Length);
            if (wanted > left && (parsed.GetValue(size) is not null || isInput && stream.CanSeek)) throw new FormatException($"{wanted} bytes do not fit: the disk has {left} from offset {start} on");
            var copy = new DiskCopy(disk, start, Math.Min(wanted, left), stream);
            var clock = new WallClock();
            await Progress.WhileAsync(() => work(copy, cancel), () => Describe(name, copy, clock.Seconds));
            if (cancel.IsCancellationRequested) return ExitCode.Interrupted;
            if (isInput && !stream.CanSeek && wanted > left && stream.ReadByte() >= 0) throw new IOException($"the input is longer than the disk, which has {left} bytes from offset {start} on");
            if (name == "write") await disk.FlushAsync();
            await stream.FlushAsync(CancellationToken.None);
            return Report(name, copy, clock.Seconds, parsed.GetValue(json), toError: name == "read" && !stream.CanSeek);
        }));
        return command;
    }

    private static Command Bench()
    {
        var login = new DiskLogin();
        var block = new Option<string>("--block") { Description = "Bytes of one command.", DefaultValueFactory = _ => "4k", HelpName = "size" };
        var depth = new Option<int>("--depth") { Description = "Commands under way at once, 1 to 1024.", DefaultValueFactory = _ => 32 };
        var seconds = new Option<double>("--seconds") { Description = "How long.", DefaultValueFactory = _ => 5 };
        var size = new Option<string?>("--size") { Description = "How much of the disk is used, from its beginning. Default: all.", HelpName = "size" };
        var random = new Option<bool>("--random") { Description = "At random places instead of one after another." };
        var write = new Option<int>("--overwrite") { Description = "Share of commands that write, in percent. This destroys the disk's content.", DefaultValueFactory = _ => 0, HelpName = "percent" };
        var json = CommonOptions.Json();
        var command = new Command("bench", "Measures reads, or with --overwrite writes.") { block, depth, seconds, size, random, write, json };
        login.AddTo(command, hasUnit: true);
        command.SetAction(parsed => Run(login, parsed, async (host, cancel) =>
        {
            var bytes = ByteSize.Parse(parsed.GetValue(block)!);
            if (parsed.GetValue(depth) is < 1 or > 1024) throw new FormatException("--depth is 1..1024");
            if (parsed.GetValue(write) is < 0 or > 100) throw new FormatException("--overwrite is 0..100");
            var (disk, capacity) = await login.OpenAsync(parsed, host);
            if (bytes % capacity.BlockLength != 0 || bytes > disk.Session.MaxDataLength)
                throw new FormatException($"--block {bytes} is not a multiple of {capacity.BlockLength} up to {disk.Session.MaxDataLength}");
            var blocks = capacity.LastLba + 1;
            if (parsed.GetValue(size) is { } part) blocks = Math.Min(blocks, (ulong)(ByteSize.Parse(part) / capacity.BlockLength));
            var perCommand = (uint)(bytes / capacity.BlockLength);
            if (blocks < perCommand) throw new FormatException($"--block {bytes} does not fit the part of the disk that is used");
            var bench = new DiskBench(disk, blocks, perCommand, parsed.GetValue(depth), parsed.GetValue(random), parsed.GetValue(write));
            await Progress.WhileAsync(() => bench.RunAsync(Duration.FromSeconds(parsed.GetValue(seconds)), cancel), () => "measuring");
            if (parsed.GetValue(json)) Out.Json(new { Elapsed = bench.Elapsed.TotalSeconds, Read = Figures(bench.Reads, bytes, bench.Elapsed), Write = Figures(bench.Writes, bytes, bench.Elapsed), bench.Failure });
            else
            {
                Print("read", bench.Reads, bytes, bench.Elapsed);
                Print("write", bench.Writes, bytes, bench.Elapsed);
            }
            if (cancel.IsCancellationRequested) return ExitCode.Interrupted;
            return bench.Failure is null ? ExitCode.Success : Out.Failure(bench.Failure);
        }));
        return command;
    }

    private static Command Cycle()
    {
        var login = new DiskLogin();
        var count = new Option<int>("--count") { Description = "How often.", DefaultValueFactory = _ => 10 };
        var sessions = new Option<int>("--sessions") { Description = "Sessions at once, 1 to 256.", DefaultValueFactory = _ => 1 };
        var json = CommonOptions.Json();
        var command = new Command("cycle", "Logs in, reads a block over each session, and logs out, again and again.") { count, sessions, json };
        login.AddTo(command, hasUnit: true);
        command.SetAction(parsed => Run(login, parsed, async (host, cancel) =>
        {
            if (parsed.GetValue(count) < 1) throw new FormatException("--count is at least 1");
            if (parsed.GetValue(sessions) is < 1 or > 256) throw new FormatException("--sessions is 1..256");
            var cycle = new LoginCycle(async () => (await login.OpenAsync(parsed, host)).Disk, parsed.GetValue(count), parsed.GetValue(sessions));
            var clock = new WallClock();
            await Progress.WhileAsync(() => cycle.RunAsync(cancel), () => $"cycle {cycle.Done + 1} of {parsed.GetValue(count)}");
            if (cancel.IsCancellationRequested) return ExitCode.Interrupted;
            if (host.Device.Resources != default) return Out.Failure($"left behind: {host.Device.Resources}");
            if (parsed.GetValue(json)) Out.Json(new { Cycles = cycle.Done, Sessions = parsed.GetValue(sessions), clock.Seconds });
            else Out.Line(string.Create(CultureInfo.InvariantCulture, $"cycle: {cycle.Done} cycles of {parsed.GetValue(sessions)} session(s) in {clock.Seconds:f1} s, nothing left behind"));
            return ExitCode.Success;
        }));
        return command;
    }

    private static int Run(DiskLogin login, ParseResult parsed, Func<InitiatorHost, CancellationToken, Task<int>> work)
    {
        try
        {
            login.Check(parsed);
            using var device = login.Live.Open(parsed);
            var host = login.CreateHost(parsed, device);
            return LiveTask.Run(device, cancel => work(host, cancel), () => host.CloseAsync().AsTask());
        }
        catch (InitiatorException e)
        {
            return Out.Failure(e.Message);
        }
        catch (Exception e) when (e is LinkException or VerbsException or FormatException or IOException or UnauthorizedAccessException)
        {
            return Out.Usage(e.Message);
        }
    }

    private static Stream OpenFile(string path, FileMode mode, FileAccess access) =>
        path != "-" ? new FileStream(path, mode, access) : access == FileAccess.Read ? Console.OpenStandardInput() : Console.OpenStandardOutput();

    private static async Task<string?> SerialAsync(Disk disk)
    {
        try
        {
            var page = await disk.InquiryPageAsync(VpdPage.UnitSerialNumber);
            return System.Text.Encoding.ASCII.GetString(page.Span[VpdPage.Length..]).Trim();
        }
        catch (ScsiException)
        {
            return null; // the page is optional
        }
    }

    private static string Describe(string name, DiskCopy copy, double seconds) => string.Create(CultureInfo.InvariantCulture,
        $"{name}: {copy.Done >> 20} of {copy.Length >> 20} MiB, {copy.Done / 1048576.0 / Math.Max(seconds, 1e-3):f1} MiB/s");

    private static int Report(string name, DiskCopy copy, double seconds, bool json, bool toError)
    {
        if (json) Out.Json(new { Bytes = copy.Done, Seconds = seconds, Differences = name == "verify" ? copy.Differences : (long?)null, FirstDifference = copy.FirstDifference >= 0 ? copy.FirstDifference : (long?)null });
        else
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"{name}: {copy.Done} bytes in {seconds:f2} s, {copy.Done / 1048576.0 / Math.Max(seconds, 1e-3):f1} MiB/s");
            if (toError) Console.Error.WriteLine(line);
            else Out.Line(line);
        }
        return copy.Differences == 0 ? ExitCode.Success : Out.Failure($"{copy.Differences} bytes differ, the first at offset {copy.FirstDifference} of the disk");
    }

    private static object? Figures(LatencyHistogram latencies, long bytes, Duration elapsed) => latencies.Count == 0 ? null : new
    {
        latencies.Count,
        Iops = latencies.Count / elapsed.TotalSeconds,
        MebibytesPerSecond = latencies.Count * bytes / 1048576.0 / elapsed.TotalSeconds,
        LatencyMicroseconds = new
        {
            Min = latencies.Least.Nanoseconds / 1e3, Mean = latencies.Mean.Nanoseconds / 1e3, P50 = latencies.Percentile(0.5).Nanoseconds / 1e3,
            P99 = latencies.Percentile(0.99).Nanoseconds / 1e3, P999 = latencies.Percentile(0.999).Nanoseconds / 1e3, Max = latencies.Most.Nanoseconds / 1e3,
        },
    };

    private static void Print(string name, LatencyHistogram latencies, long bytes, Duration elapsed)
    {
        if (latencies.Count == 0) return;
        Out.Line(string.Create(CultureInfo.InvariantCulture,
            $"{name}: {latencies.Count} commands of {bytes} bytes, {latencies.Count / elapsed.TotalSeconds:f0} IOPS, {latencies.Count * bytes / 1048576.0 / elapsed.TotalSeconds:f1} MiB/s; "
            + $"latency us: min {latencies.Least.Nanoseconds / 1e3:f0}, mean {latencies.Mean.Nanoseconds / 1e3:f0}, p50 {latencies.Percentile(0.5).Nanoseconds / 1e3:f0}, "
            + $"p99 {latencies.Percentile(0.99).Nanoseconds / 1e3:f0}, max {latencies.Most.Nanoseconds / 1e3:f0}"));
    }
}
