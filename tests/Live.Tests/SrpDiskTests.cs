using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>Our SRP initiator against the kernel's ib_srpt, over RoCE.</summary>
[Collection(GuestCollection.Name)]
public class SrpDiskTests(SharedGuest shared)
{
    [LiveFact]
    public void Our_initiator_reads_back_from_ib_srpt_what_it_wrote()
    {
        var guest = shared.Fresh();
        guest.Run("lio_srp $(lio_ram srp0 64) 5555");
        var guid = guest.Run("srp_guid").Trim()[2..];
        var target = $"id_ext={guid},ioc_guid={guid},dest={Guest.Address}:5555";
        using var folder = new TempFolder();
        var (written, read) = (folder.File("written"), folder.File("read"));
        var data = new byte[8 << 20];
        new Random(2).NextBytes(data);
        File.WriteAllBytes(written, data);

        var info = Run(guest, "disk", "info", target);
        Assert.Contains("LIO-ORG", info, StringComparison.Ordinal);
        foreach (var options in new[] { "", ",cmd_sg_entries=255", ",ch_count=2" })
        {
            foreach (var settings in new[] { "use_imm_data=1", "use_imm_data=0", "max_registration=8192" })
            {
                if (options.Length == 0 && settings.StartsWith("max", StringComparison.Ordinal)) continue; // needs more entries than 12
                Run(guest, "disk", "write", target + options, written, "--srp-set", settings);
                Run(guest, "disk", "verify", target + options, written, "--srp-set", settings);
            }
        }
        Run(guest, "disk", "read", target, read, "--size", "8M");
        Assert.Equal(data, File.ReadAllBytes(read));
        Run(guest, "disk", "bench", target, "--seconds", "2", "--overwrite", "50", "--random", "--size", "16M");
        var refused = Run(guest, 1, "disk", "info", target.Replace(guid, "0000000000000001", StringComparison.Ordinal));
        Assert.Contains("00010003", refused, StringComparison.Ordinal);
    }

    private static string Run(Guest guest, params string[] arguments) => Run(guest, 0, arguments);

    private static string Run(Guest guest, int code, params string[] arguments)
    {
        using var weft = new WeftProcess(guest, arguments);
        var ended = weft.WaitForExit(120);
        Assert.True(ended == code, $"{string.Join(' ', arguments)} ended with {ended}:\n{weft.Output}");
        weft.CheckCapture();
        return weft.Output;
    }
}
