using System.CommandLine;
using Weft.Fabric.Hw;
using Weft.Fabric.Verbs;
using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;
using Weft.Scenarios.Live;
using Weft.Scenarios.Live.Scst;
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
        var lun = new Option<string[]>("--lun") { Description = $"A logical unit, numbered from 0 in the order given: {LunSpec.Help}.", HelpName = "spec" };
        var config = new Option<FileInfo?>("--config") { Description = "Targets, units, groups and accounts from an scst.conf (TARGET_DRIVER iscsi and ib_srpt) instead.", HelpName = "scst.conf" };
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
            + "  weft serve --link eth:eth1 --address 10.9.0.1/24 --lun ram:256M --srp 5555 --srp-set use_srq=1\n"
            + "  weft serve --link eth:eth1 --address 10.9.0.1/24 --config /etc/scst.conf")
        { config, name, lun, port, immediate, unsolicited, chap, mutual, discovery, pingInterval, pingTimeout };
        srp.AddTo(command);
        live.AddTo(command);
        command.SetAction(parsed =>
        {
            try
            {
                var scst = parsed.GetValue(config) is { } file ? ReadConfig(parsed, file, name, lun, immediate, unsolicited, chap, mutual, discovery) : null;
                if (scst is null && parsed.GetValue(lun) is not { Length: > 0 }) throw new FormatException("give --lun SPEC, or --config FILE");
                using var device = live.Open(parsed, awaitsPeer: true);
                var limits = new HostLimits
                {
                    NopInInterval = Duration.FromSeconds(parsed.GetValue(pingInterval)),
                    NopInTimeout = Duration.FromSeconds(parsed.GetValue(pingTimeout)),
                };
                var host = new TargetHost(device.Executor, scst is null ? limits : ScstTargets.Limits(scst, limits));
                host.Observer = new ServeLog(host, Out.Line);
                TargetDevice? srpUnits = null;
                var stores = scst is null ? AddTarget(host) : AddConfigured(host, scst, out srpUnits);
                var srpTarget = srp.Start(parsed, device, srpUnits ?? host.Targets[0].Device, scst is null ? null : ScstTargets.SrpTarget(scst));
                if (host.Targets.Count > 0) _ = new IserPortal(host, device.Device, device.Endpoint(parsed.GetValue(port)));
                var names = string.Join(", ", host.Targets.Where(t => t.Enabled).Select(t => t.Name));
                Out.Line($"{(names.Length > 0 ? $"{names} on {device.Endpoint(parsed.GetValue(port))}, " : "")}{stores.Count} {(scst is null ? "LUN" : "device")}{(stores.Count == 1 ? "" : "s")}; Ctrl-C ends");
                Serve(device, host, srpTarget);
                foreach (var store in stores) store.Dispose();
                Out.Line($"left in the device: {device.Device.Resources}");
                return device.Device.Resources == default ? ExitCode.Success : Out.Failure("not everything was given back");
            }
            catch (Exception e) when (e is LinkException or VerbsException or FormatException or IOException or UnauthorizedAccessException)
            {
                return Out.Usage(e.Message);
            }

            List<BackStore> AddConfigured(TargetHost host, ScstConfig scst, out TargetDevice? srpUnits)
            {
                var stores = ScstTargets.Open(scst);
                ScstTargets.AddTo(host, scst, stores);
                srpUnits = ScstTargets.SrpUnits(scst, stores);
                return [.. scst.Devices.Select(d => stores[d.Name])];
            }

            List<BackStore> AddTarget(TargetHost host)
            {
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
                return stores;
            }
        });
        return command;
    }

    /// <summary>Reads a configuration file; options that it has settings for cannot be given beside it.</summary>
    private static ScstConfig ReadConfig(ParseResult parsed, FileInfo file, params Option[] settings)
    {
        foreach (var option in settings)
            if (parsed.GetResult(option) is { Implicit: false }) throw new FormatException($"{option.Name} cannot be given with --config: the file says it");
        var scst = ScstReader.Read(File.ReadAllText(file.FullName), file.Name);
        foreach (var line in scst.Ignored) Console.Error.WriteLine($"weft: {line}: ignored");
        if (!scst.Targets.Exists(t => t.IsEnabled) && ScstTargets.SrpTarget(scst) is null) throw new FormatException($"{file.Name}: no target is enabled (enabled 1)");
        return scst;
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
