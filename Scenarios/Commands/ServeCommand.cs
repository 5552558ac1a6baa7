using System.CommandLine;
using Weft.Fabric.Hw;
using Weft.Fabric.Verbs;
using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;
using Weft.Scenarios.Live;
using Weft.Target.Commands;
using Weft.Target.Iser;
using Weft.Target.Luns;
using Weft.Target.Sessions;
using Weft.Target.Srp;

namespace Weft.Scenarios.Commands;

/// <summary><c>weft serve</c>: the target on a real link, over iSER and SRP.</summary>
internal static class ServeCommand
{
    private const string DefaultName = "iqn.2026-11.example.weft:disk";

    public static Command Create()
    {
        var name = new Option<string>("--name") { Description = "Name of the target.", DefaultValueFactory = _ => DefaultName, HelpName = "iqn" };
        var lun = new Option<string[]>("--lun") { Description = $"A logical unit, numbered from 0 in the order given: {LunSpec.Help}.", HelpName = "spec", Required = true };
        var port = new Option<ushort>("--port") { Description = "Port of the portal.", DefaultValueFactory = _ => 3260 };
        var immediate = new Option<bool>("--immediate-data") { Description = "Take immediate data (ImmediateData=Yes)." };
        var unsolicited = new Option<bool>("--unsolicited-data") { Description = "Take unsolicited data (InitialR2T=No)." };
        var chap = new Option<string?>("--chap") { Description = "Who may log in, by CHAP.", HelpName = ChapAccount.Form };
        var mutual = new Option<string?>("--chap-mutual") { Description = "What the target proves in return.", HelpName = ChapAccount.Form };
        var discovery = new Option<string?>("--chap-discovery") { Description = "Who may discover, by CHAP. Default: everyone.", HelpName = ChapAccount.Form };
        var pingInterval = new Option<double>("--ping-interval") { Description = "Silence of an initiator before it is pinged; 0: never.", DefaultValueFactory = _ => 30, HelpName = "seconds" };
        var pingTimeout = new Option<double>("--ping-timeout") { Description = "How long its answer may take before its session is given up.", DefaultValueFactory = _ => 30, HelpName = "seconds" };
        var srp = new SrpServing();
        var live = new LiveOptions();
        var command = new Command("serve",
            "Serves logical units on a real link, over iSER and, if wanted, SRP, to any initiator. Ctrl-C logs everyone out.\n\nExamples:\n"
            + "  weft serve --link eth:eth1 --address 10.9.0.1/24 --lun ram:256M\n"
            + "  weft serve --link eth:eth1 --address 10.9.0.1/24 --lun file:disk.img:1G --chap alice:secret123456\n"
            + "  weft serve --link eth:eth1 --address 10.9.0.1/24 --lun ram:256M --srp 5555 --srp-set use_srq=1")
        { name, lun, port, immediate, unsolicited, chap, mutual, discovery, pingInterval, pingTimeout };
        srp.AddTo(command);
        live.AddTo(command);
        command.SetAction(parsed =>
        {
            try
            {
                using var device = live.Open(parsed, awaitsPeer: true);
                var host = new TargetHost(device.Executor, new HostLimits
                {
                    NopInInterval = Duration.FromSeconds(parsed.GetValue(pingInterval)),
                    NopInTimeout = Duration.FromSeconds(parsed.GetValue(pingTimeout)),
                });
                host.Observer = new ServeLog(host, Out.Line);
                var target = host.AddTarget(parsed.GetValue(name)!);
                target.Policy = KeyPolicy.RdmaOnlyTarget()
                    .With(KeyId.ImmediateData, parsed.GetValue(immediate)).With(KeyId.InitialR2T, !parsed.GetValue(unsolicited));
                if (parsed.GetValue(chap) is { } account) target.AddAccount(ChapAccount.Parse(account));
                if (parsed.GetValue(mutual) is { } own) target.OwnAccount = ChapAccount.Parse(own);
                if (parsed.GetValue(discovery) is { } seeker) host.DiscoveryChap = new ChapSettings(null, ChapAccount.Parse(seeker));
                var stores = new List<BackStore>();
                foreach (var spec in parsed.GetValue(lun)!)
                {
                    var store = LunSpec.Open($"lun{stores.Count}", spec);
                    target.Device.Luns.Default.Add(stores.Count, new DiskUnit(store, new DiskOptions { Serial = $"weft{stores.Count:d4}" }));
                    stores.Add(store);
                }
                _ = new IserPortal(host, device.Device, device.Endpoint(parsed.GetValue(port)));
                var srpTarget = srp.Start(parsed, device, target.Device);
                Out.Line($"{target.Name} on {device.Endpoint(parsed.GetValue(port))}, {stores.Count} LUN{(stores.Count == 1 ? "" : "s")}; Ctrl-C ends");
                Serve(device, host, srpTarget);
                foreach (var store in stores) store.Dispose();
                if (device.Device.Resources == default) return ExitCode.Success;
                Console.Error.WriteLine($"left behind: {device.Device.Resources}");
                return ExitCode.Failed;
            }
            catch (Exception e) when (e is LinkException or VerbsException or FormatException or IOException or UnauthorizedAccessException)
            {
                return Out.Usage(e.Message);
            }
        });
        return command;
    }

    private static void Serve(LiveDevice device, TargetHost host, SrpTarget? srp)
    {
        using var interrupt = new Interrupt(device.Executor);
        device.Executor.Run();
        var running = 1;
        if (srp is not null)
        {
            running++;
            srp.Stop(() => running--);
        }
        host.Stop(() => running--);
        device.Executor.Run(() => running == 0);
        Out.Line("stopped");
    }
}
