using System.Diagnostics;
using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>Real NBD clients on our initiator, on the kernel's own target: LIO with ib_isert.</summary>
[Collection(GuestCollection.Name)]
public class NbdLioTests(SharedGuest shared)
{
    private const string Name = "iqn.2024-01.lab:nbd";
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    [NbdFact(needsGuest: true)]
    public void Random_blocks_at_depth_and_zeros_are_intact_on_a_disk_of_the_kernels_target()
    {
        using var folder = new TempFolder();
        var guest = Serve("disk", 3271, 16);
        using var nbd = Export(guest, folder, "disk", 3271);
        var uri = Uri(folder);
        NbdTests.Fio(folder, uri, "4m", "512-1m");
        // LIO's RAM disk has no WRITE SAME: zeros are written.
        Host.Run("qemu-io", "-f", "raw", "-t", "none", "-c", "write -P 0x5a 0 1M", "-c", "write -z 64k 512k", "-c", "flush", "-c", "read -P 0x5a 0 64k",
            "-c", "read -P 0 64k 512k", "-c", "read -P 0x5a 576k 448k", uri);
        Assert.True(nbd.Interrupt() == 0, nbd.Output);
        nbd.CheckCapture();
        End(guest, "disk");
    }

    [NbdFact(needsGuest: true)]
    public void Random_blocks_are_intact_on_two_units_in_every_combination_of_ImmediateData_and_InitialR2T()
    {
        using var folder = new TempFolder();
        var guest = shared.Fresh();
        LioModes.Start(guest);
        foreach (var mode in LioModes.All)
        {
            foreach (var lun in Enumerable.Range(0, LioModes.Units))
            {
                using var nbd = new WeftProcess(guest, ["nbd", LioModes.Portal, "--target", LioModes.Name, "--lun", $"{lun}", "--socket", folder.File("nbd"), .. mode.Options]);
                nbd.WaitFor("Ctrl-C ends");
                NbdTests.Fio(folder, Uri(folder), "2m", "512-256k");
                Assert.True(nbd.Interrupt() == 0, nbd.Output);
                nbd.CheckCapture();
                mode.CheckUse(nbd.Capture);
            }
        }
        LioModes.End(guest);
    }

    [NbdFact(needsGuest: true)]
    public void Two_hundred_logins_of_one_and_of_four_sessions_leave_nothing_on_either_side()
    {
        var guest = Serve("cycles", 3272, 8);
        foreach (var (count, sessions) in new[] { (200, 1), (10, 4) })
        {
            using var weft = new WeftProcess(guest, "disk", "cycle", $"{Guest.Address}:3272", "--target", Name + "cycles", "--count", $"{count}", "--sessions", $"{sessions}");
            Assert.True(weft.WaitForExit(400) == 0, weft.Output);
            Assert.Contains($"cycle: {count} cycles of {sessions} session(s)", weft.Output, StringComparison.Ordinal);
            weft.CheckCapture();
        }
        guest.Run($"for i in $(seq 50); do tr '\\0' '\\n' < $CFG/iscsi/{Name}cycles/tpgt_1/dynamic_sessions | grep -q iqn || exit 0; sleep 0.2; done; exit 1");
        End(guest, "cycles");
    }

    [NbdFact(needsGuest: true)]
    public void Data_is_intact_over_a_wire_that_loses_reorders_and_duplicates()
    {
        using var folder = new TempFolder();
        var guest = Serve("lossy", 3273, 8);
        using var nbd = Export(guest, folder, "lossy", 3273, "--impair", "loss=2%,reorder=1%,duplicate=1%,seed=3");
        NbdTests.Fio(folder, Uri(folder), "1m", "512-64k");
        Assert.True(nbd.Interrupt() == 0, nbd.Output);
        Assert.Matches("impaired: [0-9]+ frames, [1-9][0-9]* lost, [1-9][0-9]* duplicated, [1-9][0-9]* reordered", nbd.Output);
        nbd.CheckCapture();
        End(guest, "lossy");
    }

    [NbdFact(needsGuest: true)]
    public void The_link_is_cut_for_5_20_and_60_seconds_under_copies_and_every_copy_is_whole()
    {
        using var folder = new TempFolder();
        var guest = Serve("cut", 3274, 4);
        var image = folder.File("image");
        var data = new byte[4 << 20];
        new Random(7).NextBytes(data);
        File.WriteAllBytes(image, data);
        using var nbd = Export(guest, folder, "cut", 3274, "--impair", "loss=0%");
        var (stop, log) = (folder.File("stop"), folder.File("log"));
        // Written, flushed, read back by another client, compared: until it is told to stop.
        using var copies = Process.Start("bash", ["-c",
            $"until [ -e {stop} ]; do nbdcopy --flush {image} '{Uri(folder)}' && nbdcopy '{Uri(folder)}' {folder.File("back")} && cmp {image} {folder.File("back")} || exit 1; echo whole >> {log}; done"]);
        foreach (var seconds in new[] { 5, 20, 60 })
        {
            Cuts.WhileFlowing(nbd, () => Lines(log), seconds, copies);
        }
        File.WriteAllText(stop, "");
        Assert.True(copies.WaitForExit(TimeSpan.FromSeconds(120)), "the copies hang");
        Assert.Equal(0, copies.ExitCode);
        Assert.True(nbd.Interrupt() == 0, nbd.Output);
        Assert.Contains("session Recovering", nbd.Output, StringComparison.Ordinal);
        nbd.CheckCapture();
        End(guest, "cut");
    }

    /// <summary>A target of its own for each test, with a RAM disk of so many MiB.</summary>
    private Guest Serve(string name, int port, int mebibytes)
    {
        var guest = shared.Fresh();
        guest.Run($"IQN={Name}{name}; lio_iscsi $(lio_ram nbd-{name} {mebibytes}) {port}", Long);
        return guest;
    }

    private static void End(Guest guest, string name) => guest.Run($"echo 0 > $CFG/iscsi/{Name}{name}/tpgt_1/enable", Long);

    private static WeftProcess Export(Guest guest, TempFolder folder, string name, int port, params string[] options)
    {
        var nbd = new WeftProcess(guest, ["nbd", $"{Guest.Address}:{port}", "--target", Name + name, "--socket", folder.File("nbd"), .. options]);
        nbd.WaitFor("Ctrl-C ends");
        return nbd;
    }

    private static string Uri(TempFolder folder) => $"nbd+unix:///?socket={folder.File("nbd")}";

    private static int Lines(string log) => File.Exists(log) ? File.ReadAllLines(log).Length : 0;
}
