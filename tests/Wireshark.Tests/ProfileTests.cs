namespace Weft.Wireshark.Tests;

public class ProfileTests
{
    [TsharkFact]
    public void Columns_show_addresses_queue_pair_operation_and_sequence_number()
    {
        var lines = Tshark.Run(["-r", GoldenCapture.Named("iser-discovery").Path, "-n"]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var request = Assert.Single(lines, line => line.Contains("CM: ConnectRequest", StringComparison.Ordinal));
        Assert.Contains("10.9.0.12 → 10.9.0.11", request, StringComparison.Ordinal);
        Assert.Contains("0x000001 UD SEND Only", request, StringComparison.Ordinal);
    }

    [TsharkFact]
    public void Every_colour_rule_is_a_valid_display_filter()
    {
        var rules = File.ReadAllLines(Path.Combine(Repository.Root, "Wireshark", "profile", "colorfilters")).Where(line => line.StartsWith('@')).ToList();
        Assert.NotEmpty(rules);
        foreach (var rule in rules)
            Tshark.Run(["-r", GoldenCapture.Named("cm-rej-noservice").Path, "-Y", rule.Split('@')[2]]);
    }

    [TsharkFact]
    public void The_heuristic_that_misreads_small_sends_is_off()
    {
        // Stock tshark takes some of these 16-byte SENDs and SRP units for RPC over RDMA, and calls them malformed.
        var capture = GoldenCapture.Named("srp-abort-task").Path;
        Assert.Contains(Tshark.Examine(capture, stock: true), frame => frame.Malformed);
        Assert.DoesNotContain(Tshark.Examine(capture), frame => frame.Malformed);
    }
}
