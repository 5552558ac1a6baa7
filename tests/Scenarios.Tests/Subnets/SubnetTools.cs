namespace Weft.Scenarios.Tests.Subnets;

/// <summary>Where the programs are that manage real subnets.</summary>
internal static class SubnetTools
{
    private static readonly string[] Needed = ["opensm", "ibsim", "ibsim-run", "ibnetdiscover", "saquery", "perfquery"];

    /// <summary>Null where all are there; otherwise the reason and the remedy.</summary>
    public static string? WhyNot { get; } =
        Array.Find(Needed, name => Find(name) is null) is { } missing
            ? $"{missing} was not found; install what is needed (Debian: apt install opensm ibsim-utils libumad2sim0 infiniband-diags)" : null;

    public static string? Find(string name) =>
        Array.Find([.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin"], folder => File.Exists(Path.Combine(folder, name))) is { } found
            ? Path.Combine(found, name) : null;
}
