using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>Our initiator against the kernel's own target: LIO with ib_isert.</summary>
[Collection(GuestCollection.Name)]
public class DiskTests(SharedGuest shared)
{
    private const string Name = "iqn.2024-01.lab:target";

    [LiveFact]
    public void Our_initiator_writes_reads_and_verifies_a_disk_of_the_kernels_target_and_leaves_no_session()
    {
        using var folder = new TempFolder();
        var guest = shared.Fresh();
        guest.Run("lio_iscsi $(lio_ram disk 64)");
        var portal = Guest.Address;

        Assert.Contains($"{portal}:3260,1 {Name}", Disk(guest, 0, "discover", portal), StringComparison.Ordinal);
        var info = Disk(guest, 0, "info", portal, "--json");
        Assert.Contains("\"vendor\": \"LIO-ORG\"", info, StringComparison.Ordinal);
        Assert.Contains($"\"bytes\": {64 << 20}", info, StringComparison.Ordinal);

        // Odd on purpose: the last piece is short, and the last block is not whole.
        var data = new byte[(5 << 20) + 12345];
        new Random(1).NextBytes(data);
        var (written, read) = (folder.File("written"), folder.File("read"));
        File.WriteAllBytes(written, data);
        Disk(guest, 0, "write", portal, written, "--offset", "1M", "--target", Name);
        Disk(guest, 0, "read", portal, read, "--offset", "1M", "--size", $"{data.Length}", "--target", Name);
        Assert.Equal(data, File.ReadAllBytes(read));
        Disk(guest, 0, "verify", portal, written, "--offset", "1M", "--target", Name);
        data[4_000_000] ^= 1;
        File.WriteAllBytes(written, data);
        Assert.Contains($"1 bytes differ, the first at offset {(1 << 20) + 4_000_000}", Disk(guest, 1, "verify", portal, written, "--offset", "1M", "--target", Name), StringComparison.Ordinal);

        var bench = Disk(guest, 0, "bench", portal, "--block", "16k", "--depth", "16", "--random", "--seconds", "2", "--overwrite", "50", "--target", Name);
        Assert.Contains("read: ", bench, StringComparison.Ordinal);
        Assert.Contains("write: ", bench, StringComparison.Ordinal);

        using (var endless = new WeftProcess(guest, "disk", "bench", portal, "--seconds", "600", "--target", Name))
        {
            guest.Run(Sessions + "until [ $(sessions) = 1 ]; do sleep 0.2; done");
            Assert.Equal(130, endless.Interrupt());
        }
        guest.Run(Sessions + "for i in $(seq 50); do [ $(sessions) = 0 ] && exit 0; sleep 0.2; done; cat $CFG/iscsi/$IQN/tpgt_1/dynamic_sessions; exit 1");
        guest.Run("! rdma resource show qp | grep -v 'type GSI' | grep -q 'state RTS'");

        Assert.Contains("weft: ", Disk(guest, 1, "info", portal, "--target", "iqn.2024-01.lab:other", "--login-timeout", "5"), StringComparison.Ordinal);
        Assert.Contains("weft: ", Disk(guest, 1, "info", $"{portal}:3999", "--target", Name, "--login-timeout", "5"), StringComparison.Ordinal);
    }

    [LiveFact]
    public void Two_units_of_the_kernels_target_keep_their_data_apart_in_every_combination_of_ImmediateData_and_InitialR2T()
    {
        using var folder = new TempFolder();
        var guest = shared.Fresh();
        LioModes.Start(guest);
        var seed = 0;
        foreach (var mode in LioModes.All)
        {
            foreach (var lun in Enumerable.Range(0, LioModes.Units))
            {
                var data = new byte[(1 << 20) + 12345];
                new Random(++seed).NextBytes(data);
                File.WriteAllBytes(folder.File($"{lun}"), data);
                mode.CheckUse(Run("write", lun, mode));
            }
            foreach (var lun in Enumerable.Range(0, LioModes.Units)) Run("verify", lun, mode);
        }
        LioModes.End(guest);

        string Run(string verb, int lun, LioMode mode)
        {
            using var weft = new WeftProcess(guest, ["disk", verb, LioModes.Portal, folder.File($"{lun}"), "--lun", $"{lun}", "--target", LioModes.Name, .. mode.Options]);
            Assert.True(weft.WaitForExit() == 0, $"{verb} of unit {lun}, {mode}: {weft.Output}");
            weft.CheckCapture();
            return weft.Capture;
        }
    }

    [LiveFact]
    public void Our_initiator_and_the_kernels_target_prove_themselves_to_each_other_by_CHAP()
    {
        var guest = shared.Fresh();
        const string Target = "iqn.2024-01.lab:secret", Initiator = "iqn.2026-11.example.weft:initiator";
        guest.Run($"IQN={Target}; lio_iscsi $(lio_ram secret 16) 3261; lio_iscsi_acl {Initiator} alice alice-secret-1 bob bob-secret-22");
        string[] login = ["info", $"{Guest.Address}:3261", "--target", Target, "--login-timeout", "4"];

        Disk(guest, 0, [.. login, "--chap", "alice:alice-secret-1", "--chap-mutual", "bob:bob-secret-22"]);
        Disk(guest, 0, [.. login, "--chap", "alice:alice-secret-1"]);
        // LIO refuses, but hangs up so soon that the refusal may not reach us; a target that cannot prove itself is our own verdict.
        Assert.Matches("AuthenticationFailure|status 0201|refuse the CHAP secret", Disk(guest, 1, [.. login, "--chap", "alice:wrong-secret-1"]));
        Assert.Contains("NegotiationFailed", Disk(guest, 1, [.. login, "--chap", "alice:alice-secret-1", "--chap-mutual", "bob:wrong-secret-22"]), StringComparison.Ordinal);
        guest.Run($"echo 0 > $CFG/iscsi/{Target}/tpgt_1/enable");
    }

    private const string Sessions = "sessions() { tr '\\0' '\\n' < $CFG/iscsi/$IQN/tpgt_1/dynamic_sessions | grep -c iqn; }; ";

    private static string Disk(Guest guest, int exitCode, params string[] arguments)
    {
        using var weft = new WeftProcess(guest, ["disk", .. arguments]);
        var code = weft.WaitForExit();
        Assert.True(code == exitCode, $"disk {string.Join(' ', arguments)}: exit code {code}\n{weft.Output}");
        weft.CheckCapture();
        return weft.Output;
    }
}
