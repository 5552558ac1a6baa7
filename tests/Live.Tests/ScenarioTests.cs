using Weft.Live.Tests.Lab;
using Weft.Scenarios.Runner;

namespace Weft.Live.Tests;

/// <summary>Scenarios on real links: the same steps as on the simulator, with their claims, the data check and the rules of the wire.</summary>
public sealed class ScenarioTests
{
    private static string Weft => typeof(Scenario).Assembly.Location;

    private sealed class OnABridgeAttribute : TheoryAttribute
    {
        public OnABridgeAttribute() => Skip = HostsOnABridge.WhyNot!;
    }

    [OnABridge]
    [InlineData("rping", 2, 1500)]
    [InlineData("rping", 3, 4200, "clients=2", "size=65535", "count=50")]
    [InlineData("iser-basic", 2, 1500)]
    [InlineData("iser-basic", 2, 4200)]
    [InlineData("iser-mixed", 4, 4200)]
    [InlineData("iser-mixed", 2, 1500, "sessions=1", "immediate=0", "loss=5000", "reordering=5000", "duplication=5000")]
    public void Its_claims_hold_on_real_links(string name, int hosts, int mtu, params string[] settings)
    {
        using var network = new HostsOnABridge(hosts, mtu);
        using var folder = new TempFolder();
        var capture = folder.File("live.pcapng");
        var (code, output) = network.In(
            ["dotnet", Weft, "run", name, "--live", .. network.Links, "--capture", capture, .. settings.SelectMany(s => new[] { "--set", s })]);
        Assert.True(code == 0, output);
        Assert.Contains($"PASSED  {name}", output, StringComparison.Ordinal);
        Tshark.FindsNothingMalformed(capture);
    }

    [OnABridge]
    [InlineData("does not run on real links: it chooses the order", "login-before-established", 2)]
    [InlineData("'latency' is of simulated cables", "rping", 2, "--set", "latency=5")]
    [InlineData("no link is left for host 'initiator2' (number 3)", "iser-mixed", 2)]
    [InlineData("needs two hosts at least", "rping", 0)]
    [InlineData("there is no network interface 'nosuch'", "rping", 1, "--link", "eth:nosuch")]
    public void What_cannot_run_live_is_refused_by_name(string said, string name, int hosts, params string[] options)
    {
        using var network = new HostsOnABridge(hosts, 1500);
        var (code, output) = network.In(["dotnet", Weft, "run", name, "--live", .. network.Links, .. options]);
        Assert.Equal(2, code);
        Assert.Contains(said, output, StringComparison.Ordinal);
    }
}
