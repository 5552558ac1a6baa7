namespace Weft.Scenarios.Runner;

/// <summary>Settings that scenarios share, so that a name means the same everywhere.</summary>
public static class CommonSettings
{
    private const int Million = 1_000_000;

    public const long Roce = 0, InfiniBand = 1;

    /// <summary>What the hosts are plugged into.</summary>
    public static readonly Setting Fabric = new("fabric", Roce, Roce, InfiniBand, "roce or ib", "RoCE over an Ethernet switch, or an InfiniBand switch.") { Words = ["roce", "ib"] };

    public static readonly Setting Loss = new("loss", 0, 0, Million, "per million", "Frames lost on each link.");
    public static readonly Setting Corruption = new("corruption", 0, 0, Million, "per million", "Frames with a flipped bit on each link.");
    public static readonly Setting Duplication = new("duplication", 0, 0, Million, "per million", "Frames delivered twice on each link.");
    public static readonly Setting Reordering = new("reordering", 0, 0, Million, "per million", "Frames overtaken by later ones on each link.");
    public static readonly Setting Latency = new("latency", 1000, 0, 1_000_000_000, "ns", "Latency of each link.");
    public static readonly Setting Bandwidth = new("bandwidth", 100_000, 0, 10_000_000, "Mbit/s", "Bandwidth of each link; 0 is without limit.");
    public static readonly Setting Mtu = new("mtu", 4200, 576, 9216, "bytes", "Ethernet MTU: 1500 gives path MTU 1024, 4200 gives 4096.");

    /// <summary>How far the order of events is left open, where a scenario explores it.</summary>
    public static readonly Setting Window = new("window", 20_000, 0, 1_000_000_000, "ns", "How late a frame or a notification may be.");

    /// <summary>What every scenario on the simulated fabric takes.</summary>
    public static readonly IReadOnlyList<Setting> Links = [Fabric, Loss, Corruption, Duplication, Reordering, Latency, Bandwidth, Mtu];

    /// <summary>What scenarios that need InfiniBand take.</summary>
    public static IEnumerable<Setting> InfiniBandLinks => Links.Where(s => s.Name != Fabric.Name);

    /// <summary>What every scenario takes, with other defaults for some of it.</summary>
    public static IEnumerable<Setting> LinksWith(params Setting[] changed) => Links.Select(s => changed.FirstOrDefault(c => c.Name == s.Name) ?? s);
}
