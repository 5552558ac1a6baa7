using Weft.Fabric.Sim.Management.Partitions;

namespace Weft.Races.Tests.Subnets;

/// <summary>What a subnet promises to the traffic in it, and managers that do not keep it.</summary>
public class SubnetTests
{
    [Fact]
    public void A_manager_that_makes_everybody_a_full_member_is_found() =>
        Race.IsFound("partitions", new Mutant { SubnetManager = o => o with { Partitions = PartitionPolicy.Open } }, "random", 1, ["isolation"]);

    [Fact]
    public void Partitions_keep_hosts_apart() => Race.IsNotThere("partitions", "random", 1, exhausts: false);

    /// <summary>A new master that gives LIDs anew takes the ground from under every connection.</summary>
    [Fact]
    public void A_new_master_that_moves_LIDs_is_found() =>
        Race.IsFound("sm-failover-under-io", new Mutant { SubnetManager = o => o with { ReassignsLids = true } }, "random", 2, ["lids-stay", "rping"], "count=1000");

    [Fact]
    public void A_new_master_keeps_the_LIDs_that_it_finds() => Race.IsNotThere("sm-failover-under-io", "random", 2, exhausts: false, "count=1000");

    [Fact]
    public void A_manager_that_hears_no_traps_is_found() =>
        Race.IsFound("spine-dies", new Mutant { ManagementPort = p => new DeafToTraps(p) }, "random", 2, ["sweep"]);

    [Fact]
    public void A_command_that_went_with_its_connection_and_counts_as_done_is_found() =>
        Race.IsFound("pkey-removed", new Mutant { Initiator = (d, n) => new TakesLossForSuccess(d, n) }, "random", 12, ["data", "read", "miscompare", "compare-and-write"]);

    [Fact]
    public void A_manager_that_sweeps_for_every_trap_is_found() =>
        Race.IsFound("sm-trap-storm", new Mutant { ManagementPort = p => new SeesManyIssuers(p) }, "random", 2, ["bounded"]);

    [Fact]
    public void A_manager_that_misses_what_changed_while_it_ignored_traps_is_found() =>
        Race.IsFound("sm-trap-storm", new Mutant { ManagementPort = p => new SeesNoChange(p) }, "random", 4, ["converges"]);

    [Fact]
    public void A_storm_of_traps_passes() => Race.IsNotThere("sm-trap-storm", "random", 4, exhausts: false);

    [Fact]
    public void Traffic_outlives_a_spine() => Race.IsNotThere("spine-dies", "random", 6, exhausts: false);

    [Fact]
    public void A_connection_without_its_key_fails_and_recovers() => Race.IsNotThere("pkey-removed", "random", 4, exhausts: false);
}
