using System.Diagnostics;
using System.Text.Json;
using Weft.Scenarios.Catalog;
using Weft.Scenarios.Commands;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Tests.Commands;

public class CatalogueCampaignTests
{
    private static List<(Scenario, Settings)> Catalogue => [.. ScenarioCatalog.All.Select(s => (s, Settings.TryCreate(s.Settings, [], out _)!))];

    [Theory]
    [InlineData(100_000)]
    [InlineData(777)]
    public void The_shares_add_up_to_the_budget_of_each_strategy_and_go_by_the_weight(long budget)
    {
        var parts = CatalogueCampaign.Share(Catalogue, ["random", "pct:3"], new(budget, double.PositiveInfinity));
        Assert.Equal(2 * ScenarioCatalog.All.Count, parts.Count);
        foreach (var strategy in parts.GroupBy(p => p.Strategy)) Assert.InRange(strategy.Sum(p => p.Budget.Schedules), budget, budget + ScenarioCatalog.All.Count);
        foreach (var part in parts)
            foreach (var other in parts.Where(o => o.Scenario.Weight == part.Scenario.Weight)) Assert.InRange(other.Budget.Schedules - part.Budget.Schedules, -2, 2);
        var (light, heavy) = (parts.First(p => p.Scenario.Weight == 1), parts.MaxBy(p => p.Scenario.Weight)!);
        Assert.InRange(light.Budget.Schedules, heavy.Budget.Schedules, long.MaxValue);
    }

    [Fact]
    public void A_time_is_shared_equally()
    {
        var parts = CatalogueCampaign.Share(Catalogue, ["random", "pct:3"], new(long.MaxValue, 84));
        Assert.All(parts, p => Assert.Equal((long.MaxValue, 84.0 / parts.Count), (p.Budget.Schedules, p.Budget.Seconds)));
    }

    [Fact]
    public void Every_scenario_that_runs_over_RoCE_and_InfiniBand_takes_all_settings_of_the_links()
    {
        var both = ScenarioCatalog.All.Where(s => s.Settings.Any(l => l.Name == CommonSettings.Fabric.Name)).ToList();
        Assert.InRange(both.Count, 22, ScenarioCatalog.All.Count);
        Assert.All(both, s => Assert.Superset(CommonSettings.Links.Select(l => l.Name).ToHashSet(), s.Settings.Select(l => l.Name).ToHashSet()));
    }

    [Theory]
    [InlineData("roce")]
    [InlineData("ib")]
    public void One_command_explores_them_all_under_loss(string fabric)
    {
        var (code, output, error) = WeftProgram.Run("explore", "--all", "--strategy", "random,pct:3", "--budget", "120", "--workers", "2", "--json",
            "--set", "loss=50000", "--set", "reordering=20000", "--set", "duplication=10000", "--set", "corruption=10000", "--set", $"fabric={fabric}");
        Assert.True(code == 0, output + error);
        var document = JsonDocument.Parse(output).RootElement;
        Assert.InRange(document.GetProperty("schedules").GetInt64(), 240, 240 + 2 * ScenarioCatalog.All.Count);
        Assert.Equal(0, document.GetProperty("failed").GetInt32());
        Assert.Equal(2 * ScenarioCatalog.All.Count, document.GetProperty("parts").GetArrayLength());
    }

    [Fact]
    public async Task Ctrl_C_ends_it_in_order_with_what_was_searched_so_far()
    {
        // A shell's background job ignores Ctrl-C, and so would all that it starts.
        var start = new ProcessStartInfo("env") { RedirectStandardOutput = true, WorkingDirectory = Path.GetTempPath() };
        foreach (var word in new[] { "--default-signal=INT", "dotnet", typeof(Scenario).Assembly.Location, "explore", "--all", "--strategy", "random", "--budget", "1000000" }) start.ArgumentList.Add(word);
        using var process = Process.Start(start)!;
        Assert.StartsWith("SCENARIO", await process.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        using var interrupt = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        var rest = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(130, process.ExitCode);
        Assert.Contains("0 failed", rest, StringComparison.Ordinal);
        Assert.Contains("were not begun", rest, StringComparison.Ordinal);
    }
}
