using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Weft.Fabric.Sim.Subnet;
using Weft.Fabric.Sim.Subnet.Topologies;

namespace Weft.Scenarios.Tests.Subnets;

/// <summary>The real OpenSM and the real tools on a subnet that the program serves.</summary>
public partial class ServedSubnetTests
{
    private static string Topology(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "data", "topologies", name + ".net");

    /// <summary>The files, and the trees that are too long to keep.</summary>
    [SubnetToolsTheory]
    [InlineData("star4", 5)]
    [InlineData("ft108", 117)]
    [InlineData("ft504", 550)]
    [InlineData("tree 48", 1224)]
    [InlineData("tree 64", 2144)]
    public void OpenSM_brings_it_up(string name, int nodes)
    {
        using var file = new TopologyFile(name);
        using var fabric = ServedFabric.Weft(file.Path);
        fabric.BringUp();
        Assert.DoesNotContain(" ERR ", fabric.Manager.Output);
        Assert.Contains($"{nodes} nodes", fabric.Ask("dump"));
        Assert.DoesNotContain(" 0 of ", fabric.Ask("dump"));
    }

    [SubnetToolsFact(isLong: true)]
    public void OpenSM_brings_the_largest_tree_up() => OpenSM_brings_it_up("tree3 36", 13284);

    public static TheoryData<string> Commands =>
    [
        "ibnetdiscover", "sminfo", "smpquery nodeinfo 1", "smpquery nodedesc 3", "smpquery portinfo 1 1", "smpquery portinfo 2 2", "smpquery switchinfo 2",
        "smpquery pkeys 1", "smpquery guids 1", "smpquery -D nodeinfo 0,1", "saquery NR", "saquery -p --src-to-dst 1:5", "perfquery 5 1", "perfquery -x 5 1",
        "ibtracert 1 5", "iblinkinfo", "ibqueryerrors", "ibportstate 2 1", "ibroute 2",
    ];

    /// <summary>Each tool prints the same on our fabric and on ibsim's.</summary>
    [SubnetToolsTheory]
    [InlineData("star4")]
    [InlineData("ft108")]
    public void The_tools_tell_the_same_as_on_ibsim(string name)
    {
        using var ours = ServedFabric.Weft(Topology(name));
        using var theirs = ServedFabric.Ibsim(Topology(name));
        ours.BringUp();
        theirs.BringUp();
        foreach (string command in Commands) Assert.Equal($"{command}\n{Same(theirs.Run(command))}", $"{command}\n{Same(ours.Run(command))}");
    }

    /// <summary>
    /// Leaves out what differs by right: the time of day; how often the manager has been asked and what has been counted meanwhile; and
    /// where ibsim keeps less than the manager writes (enabled widths and speeds, M_Key lease, error thresholds, subnet timeout), has no
    /// partition enforcement, has a smaller forwarding table, counts no unicast packets, does not say that it can sum
    /// all ports, and does not know directed routes with a LID-routed
    /// part, by which ibportstate asks for the peer.
    /// </summary>
    private static string Same(string output)
    {
        var peer = output.IndexOf("ibportstate: iberror", StringComparison.Ordinal);
        if (peer < 0) peer = output.IndexOf("Peer PortInfo", StringComparison.Ordinal);
        return Differing().Replace(peer < 0 ? output : output[..peer], "");
    }

    [GeneratedRegex(@"^# Topology file: generated.*\n|activity count \d+|CapMask: 0x1[23]00|^(MkeyLeasePeriod|LinkWidthEnabled|LinkSpeedEnabled|LinkSpeedExtEnabled|SubnetTimeout|LocalPhysErr|OverrunErr|"
        + @"PartEnforceInb|PartEnforceOutb|InboundPartEnf|OutboundPartEnf|LinearFdbCap|PortXmitData|PortRcvData|PortXmitPkts|PortRcvPkts|PortUnicastXmitPkts|PortUnicastRcvPkts):.*\n", RegexOptions.Multiline)]
    private static partial Regex Differing();

    [SubnetToolsFact]
    public void A_cable_that_is_pulled_and_plugged_in_reaches_OpenSM_by_traps()
    {
        using var fabric = ServedFabric.Weft(Topology("star4"));
        fabric.BringUp();
        fabric.Ask("unlink \"leaf-001\"[3]");
        fabric.Manager.WaitFor("SUBNET UP", times: 2);
        Assert.Equal(3, Regex.Count(fabric.Run("ibnetdiscover"), "^Ca", RegexOptions.Multiline));
        fabric.Ask("relink \"leaf-001\"[3]");
        fabric.Manager.WaitFor("SUBNET UP", times: 3);
        Assert.Equal(4, Regex.Count(fabric.Run("ibnetdiscover"), "^Ca", RegexOptions.Multiline));
        Assert.Contains("[3] -> ca port", fabric.Run("ibtracert 1 4"));
        fabric.Ask("error \"leaf-001\"[3] SymbolErrorCounter=77");
        Assert.Contains("[SymbolErrorCounter == 77]", fabric.Run("ibqueryerrors"));
    }

    /// <summary>OpenSM's partitions stand in the tables of the ports, and keep foreign partitions apart.</summary>
    [SubnetToolsFact]
    public void Partitions_of_OpenSM_take_effect()
    {
        using var fabric = ServedFabric.Weft(Topology("star4"));
        var partitions = Path.Combine(fabric.Folder.FullName, "partitions.conf");
        File.WriteAllText(partitions, "Default=0x7fff : ALL, SELF=full ;\nred=0x0101 : 0x2c90300100001=full, 0x2c90300100011=limited ;\n");
        fabric.BringUp("-P", partitions);
        Assert.Contains("0x8101", fabric.Run("smpquery pkeys 1"));
        Assert.Contains("0x0101", fabric.Run("smpquery pkeys 3"));
        Assert.DoesNotContain("101", fabric.Run("smpquery pkeys 4"));
        Assert.Contains("exit code 0", fabric.Run("perfquery 4 1")); // from a full member of the default partition
        Assert.DoesNotContain("exit code 0", fabric.Run("perfquery 4 1", host: "host-0002 HCA-1")); // from a limited member to another
    }

    [SubnetToolsFact]
    public void Programs_may_come_over_UDP()
    {
        using var fabric = ServedFabric.WeftUdp(Topology("star4"), FreePorts());
        fabric.BringUp();
        Assert.Contains("SMINFO_MASTER", fabric.Run("sminfo"));
        Assert.Contains("exit code 0", fabric.Run("perfquery 5 1"));
    }

    /// <summary>A port that is free just now, far from those that the system gives out; the ten behind it are for clients.</summary>
    private static int FreePorts()
    {
        for (var port = 17_070; port < 17_070 + 1100; port += 11)
        {
            var taken = System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveUdpListeners().Select(l => l.Port).ToHashSet();
            if (!Enumerable.Range(port, 11).Any(taken.Contains)) return port;
        }
        throw new InvalidOperationException("no eleven UDP ports in a row are free");
    }

    [SubnetToolsFact]
    public void The_bench_measures_both_servers()
    {
        var (code, output, error) = WeftProgram.Run("subnet", "bench", "108", "--runs", "1", "--json");
        Assert.True(code == 0, error);
        using var document = System.Text.Json.JsonDocument.Parse(output);
        var tree = document.RootElement[0];
        foreach (var server in (string[])["weft", "ibsim"])
            Assert.InRange(tree.GetProperty(server).GetProperty("requests").GetInt64(), 3000, 5000);
        Assert.True(tree.GetProperty("timeRatio").GetDouble() > 0);
    }

    [SubnetToolsFact]
    public void A_session_is_captured_recorded_and_replayed()
    {
        using var fabric = ServedFabric.Weft(Topology("star4"), "--capture", "mads.pcapng", "--record", "session.rec");
        fabric.BringUp();
        fabric.Server.Type("cut \"leaf-001\"[2]");
        fabric.Manager.WaitFor("SUBNET UP", times: 2);
        fabric.Run("saquery NR");
        fabric.EndManager();
        Assert.Equal(0, fabric.Server.End("INT"));
        Assert.Contains("stopped after", fabric.Server.Output);
        var recording = Path.Combine(fabric.Folder.FullName, "session.rec");
        var (code, output, error) = WeftProgram.Run("subnet", "replay", recording);
        Assert.True(code == 0, output + error);
        Assert.StartsWith("the same: ", output);

        var bytes = File.ReadAllBytes(recording);
        bytes[^100] ^= 1; // in the last datagram of the recording
        File.WriteAllBytes(recording, bytes);
        Assert.NotEqual(0, WeftProgram.Run("subnet", "replay", recording).ExitCode);
        var check = WeftProgram.Run("capture", "check", Path.Combine(fabric.Folder.FullName, "mads.pcapng")); // each ICRC, and every packet written back
        Assert.True(check.ExitCode == 0, check.Output);
    }

    [Fact]
    public void Wrong_arguments_are_told()
    {
        Assert.Contains("no subnet is served", WeftProgram.Run("subnet", "ctl", "--name", "weft-nobody", "dump").Error);
        Assert.Contains("nonexistent.net: Could not find", WeftProgram.Run("subnet", "serve", "/nonexistent.net").Error);
        Assert.Contains("an even number", WeftProgram.Run("subnet", "generate", "fat-tree", "--k", "7").Error);
        Assert.Contains("there is no tree of 7 hosts", WeftProgram.Run("subnet", "bench", "7").Error);
        Assert.Contains("no rate", WeftProgram.Run("subnet", "generate", "star", "--rate", "5xEDR").Error);
    }

    private sealed class TopologyFile : IDisposable
    {
        private readonly string? made;

        public TopologyFile(string name)
        {
            Path = Topology(name);
            if (!name.StartsWith("tree", StringComparison.Ordinal)) return;
            var k = int.Parse(name.Split(' ')[1]);
            Path = made = System.IO.Path.GetTempFileName();
            File.WriteAllText(Path, TopologyWriter.ToText(name.StartsWith("tree3", StringComparison.Ordinal)
                ? TopologyGenerator.ThreeLevelFatTree(k, LinkRate.Edr4X) : TopologyGenerator.TwoLevelFatTree(k, k / 2, k / 2, k, LinkRate.Edr4X)));
        }

        public string Path { get; }

        public void Dispose()
        {
            if (made is not null) File.Delete(made);
        }
    }
}
