using Weft.Scenarios.Catalog;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Tests;

public class DeterminismTests
{
    public static TheoryData<string> Names => [.. ScenarioCatalog.All.Select(s => s.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Two_processes_write_the_same_capture_byte_for_byte(string scenario) => RunTwice(scenario);

    [Theory, InlineData("iser-mixed"), InlineData("rping")]
    public void Over_InfiniBand_too(string scenario) => RunTwice(scenario, "--set", "fabric=ib", "--set", "loss=2000");

    private static void RunTwice(string scenario, params string[] further)
    {
        var folder = Directory.CreateTempSubdirectory("weft-determinism");
        try
        {
            var captures = new byte[2][];
            for (var i = 0; i < 2; i++)
            {
                var file = Path.Combine(folder.FullName, $"{i}.pcapng");
                var (code, output, error) = WeftProgram.Run(["run", scenario, "--seed", "7", "--capture", file, .. further]);
                Assert.True(code == 0, output + error);
                captures[i] = File.ReadAllBytes(file);
            }
            Assert.True(captures[0].Length > 1000, "the capture has packets");
            Assert.True(captures[0].AsSpan().SequenceEqual(captures[1]), "both processes write the same bytes");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Another_seed_gives_another_capture()
    {
        var (a, b) = (Capture("iser-basic", 1), Capture("iser-basic", 2));
        Assert.False(a.AsSpan().SequenceEqual(b));
        Assert.True(a.AsSpan().SequenceEqual(Capture("iser-basic", 1)));
    }

    private static byte[] Capture(string name, ulong seed)
    {
        var scenario = ScenarioCatalog.Find(name)!;
        using var stream = new MemoryStream();
        var result = ScenarioRunner.Run(scenario, new RunRequest { Settings = Settings.TryCreate(scenario.Settings, [], out _)!, Seed = seed, Capture = stream });
        Assert.True(result.HasPassed, result.Reason);
        return stream.ToArray();
    }
}
