namespace Weft.Live.Tests.Lab;

/// <summary>The guest image that build-guest.sh makes, and whether it can be booted here.</summary>
internal static class LabImage
{
    public static string Directory { get; } = Environment.GetEnvironmentVariable("WEFT_LAB") is { Length: > 0 } path ? path : "/var/tmp/weft-lab";
    public static string Kernel => Path.Combine(Directory, "vmlinuz");
    public static string Initramfs => Path.Combine(Directory, "initramfs.gz");
    public static string Root => Path.Combine(Directory, "root.img");

    /// <summary>What is missing, with the remedy; null when guests can be booted.</summary>
    public static string? WhyNot { get; } =
        !OperatingSystem.IsLinux() ? "the live lab runs on Linux only"
        : !File.Exists("/usr/bin/qemu-system-x86_64") ? "QEMU is not installed: apt-get install qemu-system-x86"
        : !File.Exists(Root) || !File.Exists(Kernel) || !File.Exists(Initramfs)
            ? $"no guest image in {Directory}: run tests/Live.Tests/build-guest.sh as root (once, about half a minute)"
        : null;
}
