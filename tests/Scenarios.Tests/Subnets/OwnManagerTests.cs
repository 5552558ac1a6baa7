using System.Runtime.CompilerServices;

namespace Weft.Scenarios.Tests.Subnets;

/// <summary>Our own subnet manager on a served subnet: beside OpenSM, and under the real tools.</summary>
public class OwnManagerTests
{
    private const string Partitions = "Default=0x7fff : ALL, SELF=full ;\nred=0x0101, ipoib : 0x2c90300100001=full, 0x2c90300100011=limited, 0x2c90300100021=limited ;\nblue=0x0102 : 0x2c90300100011=full, 0x2c90300100031=full ;\n";

    private static string Topology(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "data", "topologies", name + ".net");

    private static ServedFabric Managed(string topology, params string[] options)
    {
        var fabric = ServedFabric.Weft(topology, ["--manager", .. options]);
        fabric.Server.WaitFor("subnet up");
        return fabric;
    }

    /// <summary>The same pairs reach each other, whoever manages: every pair that shares a partition, and no other.</summary>
    [SubnetToolsTheory]
    [InlineData("star4", false)]
    [InlineData("star4", true)]
    [InlineData("ft108", true)]
    [InlineData("ft504", false)]
    public void It_gives_the_same_reachability_as_OpenSM(string name, bool isPartitioned)
    {
        var partitions = Path.GetTempFileName();
        File.WriteAllText(partitions, Partitions);
        try
        {
            using var theirs = ServedFabric.Weft(Topology(name));
            theirs.BringUp(isPartitioned ? ["-P", partitions] : []);
            using var ours = Managed(Topology(name), isPartitioned ? ["--partitions", partitions] : []);
            var expected = theirs.Ask("reach");
            Assert.DoesNotContain("cut off", expected);
            Assert.Equal(expected, ours.Ask("reach"));
        }
        finally
        {
            File.Delete(partitions);
        }
    }

    /// <summary>What <c>opensm -Q</c> writes into lanes and arbitration, ours writes too.</summary>
    [SubnetToolsFact]
    public void It_gives_service_levels_the_same_lanes_and_weights_as_OpenSM()
    {
        using var theirs = ServedFabric.Weft(Topology("star4"));
        theirs.BringUp("-Q");
        using var ours = Managed(Topology("star4"), "--qos");
        foreach (var route in (string[])["0 1", "0,1 1", "0,1 3", "0,1,4 1"])
            foreach (var table in (string[])["sl2vl", "vlarb"])
            {
                var expected = theirs.Run($"smpquery -D {table} {route}");
                Assert.Contains("exit code 0", expected);
                Assert.Equal(expected, ours.Run($"smpquery -D {table} {route}"));
            }
        Assert.Contains("VL: 0| 1| 2| 3| 4| 5| 6| 7| 0| 1| 2| 3| 4| 5| 6| 7|", ours.Run("saquery SL2VL"));
    }

    [SubnetToolsFact]
    public void The_tools_find_manager_paths_and_groups()
    {
        var partitions = Path.GetTempFileName();
        File.WriteAllText(partitions, Partitions);
        using var fabric = Managed(Topology("star4"), "--partitions", partitions);
        Assert.Contains("sm lid 1 sm guid 0x2c90300100001", fabric.Run("sminfo"));
        Assert.Contains("SMINFO_MASTER", fabric.Run("sminfo", host: "host-0003 HCA-1"));
        Assert.Contains("[3] -> ca port", fabric.Run("ibtracert 1 4"));
        var path = fabric.Run("saquery PR --sgid fe80::2:c903:10:1 --dgid fe80::2:c903:10:11 --pkey 0x8101", host: "host-0002 HCA-1");
        Assert.Contains("pkey....................0x8101", path);
        Assert.Contains("dlid....................3", path);
        Assert.DoesNotContain("PathRecord", fabric.Run("saquery PR --sgid fe80::2:c903:10:11 --dgid fe80::2:c903:10:21", host: "host-0002 HCA-1")); // both limited
        Assert.Contains("ff12:401b:8101::ffff:ffff", fabric.Run("saquery -g"));
        Assert.Contains("0x2602", fabric.Run("saquery -c"));
        Assert.Equal(0, fabric.Server.End("INT"));
        File.Delete(partitions);
    }

    /// <summary>OpenSM with a higher priority gets the subnet from our manager, which stands by.</summary>
    [SubnetToolsFact]
    public void It_hands_over_to_an_OpenSM_of_higher_priority()
    {
        using var fabric = Managed(Topology("star4"), "--manager-at", "host-0002 HCA-1");
        fabric.BringUp("-p", "10");
        fabric.Server.WaitFor("manager: Standby");
        Assert.Contains("priority 10 state 3 SMINFO_MASTER", fabric.Run("sminfo", host: "host-0003 HCA-1"));
        Assert.DoesNotContain("cut off", fabric.Ask("reach"));
    }

    /// <summary>An OpenSM of lower priority stands by.</summary>
    [SubnetToolsFact]
    public void It_stays_master_beside_an_OpenSM_of_lower_priority()
    {
        using var fabric = Managed(Topology("star4"), "--manager-at", "host-0002 HCA-1", "--priority", "12");
        fabric.StartManager("Entering STANDBY state", "-p", "3");
        Assert.Contains("priority 12 state 3 SMINFO_MASTER", fabric.Run("sminfo", host: "host-0003 HCA-1"));
        fabric.Ask("unlink \"leaf-001\"[4]");
        fabric.Server.WaitFor("3 adapters");
    }

    [Fact]
    public void Wrong_arguments_are_told()
    {
        var partitions = Path.GetTempFileName();
        File.WriteAllText(partitions, "one=1 : ALL ;\ntwo=70000 : ALL ;");
        Assert.Contains("line 2: '70000' is no P_Key", WeftProgram.Run("subnet", "serve", Topology("star4"), "--manager", "--partitions", partitions).Error);
        Assert.Contains("belong to --manager", WeftProgram.Run("subnet", "serve", Topology("star4"), "--partitions", partitions).Error);
        Assert.Contains("minhop or updn", WeftProgram.Run("subnet", "serve", Topology("star4"), "--manager", "--routing", "ftree").Error);
        File.Delete(partitions);
    }
}
