using System.CommandLine;
using Weft.Fabric.Hw;
using Weft.Fabric.Verbs;
using Weft.Initiator;
using Weft.Scenarios.Live;
using Weft.Scenarios.Tools.Nbd;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft nbd</c>: our initiator behind a network block device, so that any client can use it.</summary>
internal static class NbdServeCommand
{
    public static Command Create()
    {
        var login = new DiskLogin();
        var socket = new Option<string?>("--socket") { Description = "Listen on a Unix socket.", HelpName = "path" };
        var tcp = new Option<string?>("--tcp") { Description = "Listen on a TCP port; without an address, of this machine only.", HelpName = "[address:]port" };
        var name = new Option<string>("--export") { Description = "Name of the export; clients that name none get it too.", DefaultValueFactory = _ => "", HelpName = "name" };
        var readOnly = new Option<bool>("--read-only") { Description = "Refuse writes." };
        var replacement = new Option<double>("--replacement-timeout")
        {
            Description = "How long requests wait for a lost session before they fail with EIO.", DefaultValueFactory = _ => 120, HelpName = "seconds",
        };
        var command = new Command("nbd",
            "Logs in to a target and exports a logical unit as a network block device (NBD), over a Unix or TCP socket. Ctrl-C ends.\n\nExamples:\n"
            + "  weft nbd 10.9.0.12 --socket /tmp/disk.nbd --link eth:eth1 --address 10.9.0.1/24\n"
            + "  fio --name=job --ioengine=nbd --uri='nbd+unix:///?socket=/tmp/disk.nbd' --rw=randwrite --bs=4k\n"
            + "  qemu-img convert -O raw 'nbd+unix:///?socket=/tmp/disk.nbd' disk.img")
        { socket, tcp, name, readOnly, replacement };
        login.AddTo(command, hasUnit: true);
        command.SetAction(parsed =>
        {
            try
            {
                var address = ListenAddress.Parse(parsed.GetValue(socket), parsed.GetValue(tcp));
                var options = login.Options(parsed);
                options = options with { Timeouts = options.Timeouts with { Replacement = Duration.FromSeconds(parsed.GetValue(replacement)) } };
                _ = login.Portal(parsed);
                using var device = login.Live.Open(parsed);
                var host = login.CreateHost(parsed, device);
                var run = new NbdRun(device, host);
                var code = LiveTask.Run(device, async cancel =>
                {
                    var (disk, capacity) = await login.OpenAsync(parsed, host, options);
                    var (export, unit) = await NbdUnit.OpenAsync(disk, capacity, parsed.GetValue(name)!, parsed.GetValue(readOnly));
                    return await run.ServeAsync(address, export, unit, disk.Session, cancel);
                }, run.CloseAsync);
                return run.End(code);
            }
            catch (InitiatorException e)
            {
                return Out.Failure(e.Message);
            }
            catch (Exception e) when (e is LinkException or VerbsException or FormatException or IOException or UnauthorizedAccessException)
            {
                return Out.Usage(e.Message);
            }
        });
        return command;
    }
}
