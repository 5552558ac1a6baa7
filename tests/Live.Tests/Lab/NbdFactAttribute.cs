namespace Weft.Live.Tests.Lab;

/// <summary>A test with real NBD clients: libnbd's, QEMU's and fio. Without them it is skipped, and says what is missing.</summary>
public sealed class NbdFactAttribute : FactAttribute
{
    private static readonly (string Program, string Package)[] Clients =
        [("nbdinfo", "libnbd-bin"), ("nbdcopy", "libnbd-bin"), ("qemu-img", "qemu-utils"), ("qemu-io", "qemu-utils"), ("fio", "fio"), ("tshark", "tshark")];

    /// <param name="needsGuest">The export is of a disk in a Linux guest.</param>
    public NbdFactAttribute(bool needsGuest = false)
    {
        var missing = Clients.Where(c => !File.Exists($"/usr/bin/{c.Program}")).Select(c => c.Package).Distinct().ToList();
        Skip = missing.Count > 0 ? $"NBD clients are not installed: apt-get install {string.Join(' ', missing)}" : (needsGuest ? LabImage.WhyNot : null)!;
    }
}
