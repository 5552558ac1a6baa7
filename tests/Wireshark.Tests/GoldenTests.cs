namespace Weft.Wireshark.Tests;

public class GoldenTests
{
    public static TheoryData<string> Listed => [.. GoldenCapture.WithListing().Select(golden => golden.Name)];

    public static TheoryData<string> Every => [.. GoldenCapture.All().Select(golden => golden.Name)];

    [TsharkTheory, MemberData(nameof(Listed))]
    public void Fields_are_the_approved_ones(string name)
    {
        var golden = GoldenCapture.Named(name);
        var listing = golden.Listing();
        if (Environment.GetEnvironmentVariable("WEFT_APPROVE") == "1")
        {
            golden.Approve(listing);
            return;
        }
        if (golden.Approved != listing) Assert.Fail(Difference(golden, listing));
    }

    [TsharkTheory, MemberData(nameof(Every))]
    public void Nothing_is_malformed_and_no_expert_error_is_unexplained(string name)
    {
        var golden = GoldenCapture.Named(name);
        var frames = Tshark.Examine(golden.Path);
        Assert.NotEmpty(frames);
        var explained = golden.Explained();
        var broken = frames.Where(frame => frame.IsBroken || frame.LuaError.Length > 0).ToList();
        Assert.True(broken.All(frame => frame.LuaError.Length == 0 && explained.Contains(frame.Number)),
            string.Join('\n', broken.Where(frame => frame.LuaError.Length > 0 || !explained.Contains(frame.Number))));
        // An explanation of a frame that is not broken is out of date.
        Assert.Equal(explained.Order(), broken.Select(frame => frame.Number).Order());
    }

    private static string Difference(GoldenCapture golden, string listing)
    {
        var received = Path.Combine(AppContext.BaseDirectory, golden.Name + ".received.txt");
        File.WriteAllText(received, listing + "\n");
        string[] was = (golden.Approved ?? "").Split('\n'), now = listing.Split('\n');
        var line = Enumerable.Range(0, Math.Max(was.Length, now.Length)).First(i => i >= was.Length || i >= now.Length || was[i] != now[i]);
        return $"""
            {golden.Name} differs from its approved listing ({was.Length} lines, now {now.Length}), first in line {line + 1}:
            approved: {(line < was.Length ? was[line] : "(no such line)")}
            received: {(line < now.Length ? now[line] : "(no such line)")}
            The whole listing is in {received}. If it is right: WEFT_APPROVE=1 dotnet test tests/Wireshark.Tests
            """;
    }
}
