using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>
/// Our initiator against tgt's iSER target, in a guest of its own: tgt can listen on port 3260 only (its "port=" fails on what errno happens to
/// hold), where LIO may be. Its targets must be made for the "iser" driver, and who logs in must be let in twice, by address and by name.
/// </summary>
public class TgtTests
{
    private const string Name = "iqn.2024-01.lab:tgt", Secret = "iqn.2024-01.lab:secret", Initiator = "iqn.2026-11.example.weft:initiator";
    /// <summary>Seconds of a login: tgt allocates its pool when the first connection comes.</summary>
    private const string Patience = "60";
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    /// <summary>Script: tgtd with two targets, two units in the first and one behind CHAP in the second. Its pool of buffers takes huge pages: 128 MiB is the least.</summary>
    private const string Start =
        $$"""
        rxe_up
        echo 64 > /proc/sys/vm/nr_hugepages
        mkdir -p /run/tgtd
        tgtd --iser pool_sz_mb=128 --iscsi portal=127.0.0.1:3260 > /tmp/tgtd.log 2>&1
        adm() { tgtadm --lld iser --mode "$@"; }
        for i in $(seq 50); do adm target --op show > /dev/null 2>&1 && break; sleep 0.2; done
        set -e
        adm target --op new --tid 1 --targetname {{Name}}
        adm target --op new --tid 2 --targetname {{Secret}}
        for t in 1 2; do
          adm target --op bind --tid $t --initiator-address ALL
          adm target --op bind --tid $t --initiator-name {{Initiator}}
        done
        unit() { truncate -s $3M /tmp/tgt$1$2; adm logicalunit --op new --tid $1 --lun $2 --backing-store /tmp/tgt$1$2; }
        unit 1 1 16; unit 1 2 8; unit 2 1 8
        adm account --op new --user alice --password alice-secret-1
        adm account --op new --user bob --password bob-secret-22
        adm account --op bind --tid 2 --user alice
        adm account --op bind --tid 2 --user bob --outgoing
        rdma resource show cm_id | grep -q LISTEN
        """;

    [NbdFact(needsGuest: true)]
    public void Our_initiator_finds_logs_in_to_and_verifies_disks_of_tgt_and_leaves_no_session()
    {
        using var folder = new TempFolder();
        using var guest = new Guest();
        guest.Run(Start, Long);
        Assert.Contains($"{Guest.Address}:3260,1 {Name}", Disk(guest, 0, "discover", Guest.Address), StringComparison.Ordinal);
        var info = Disk(guest, 0, "info", Guest.Address, "--target", Name, "--lun", "2", "--json");
        Assert.Contains("\"product\": \"VIRTUAL-DISK\"", info, StringComparison.Ordinal);
        Assert.Contains($"\"bytes\": {8 << 20}", info, StringComparison.Ordinal);

        foreach (var lun in new[] { "1", "2" })
        {
            // Odd on purpose: the last piece is short, and the last block is not whole.
            var data = new byte[(3 << 20) + 12345];
            new Random(lun[0]).NextBytes(data);
            var file = folder.File($"data{lun}");
            File.WriteAllBytes(file, data);
            Disk(guest, 0, "write", Guest.Address, file, "--offset", "1M", "--target", Name, "--lun", lun);
        }
        foreach (var lun in new[] { "1", "2" })
        {
            Disk(guest, 0, "verify", Guest.Address, folder.File($"data{lun}"), "--offset", "1M", "--target", Name, "--lun", lun);
            // tgt's own files are the judge of both.
            Assert.Contains(Host.Run("sha256sum", folder.File($"data{lun}"))[..64],
                guest.Run($"tail -c +{(1 << 20) + 1} /tmp/tgt1{lun} | head -c {(3 << 20) + 12345} | sha256sum"), StringComparison.Ordinal);
        }
        using (var nbd = new WeftProcess(guest, "nbd", Guest.Address, "--target", Name, "--lun", "1", "--socket", folder.File("nbd"), "--login-timeout", Patience))
        {
            nbd.WaitFor("Ctrl-C ends");
            NbdTests.Fio(folder, $"nbd+unix:///?socket={folder.File("nbd")}", "4m", "512-1m");
            Assert.True(nbd.Interrupt() == 0, nbd.Output);
            nbd.CheckCapture();
        }
        Disk(guest, 0, "cycle", Guest.Address, "--target", Name, "--lun", "1", "--count", "10", "--sessions", "4");
        // tgt keeps a session until its connection's TIMEWAIT is over.
        guest.Run("for i in $(seq 150); do tgtadm --lld iser --mode target --op show | grep -q 'I_T nexus: ' || exit 0; sleep 0.2; done; tgtadm --lld iser --mode target --op show; exit 1", Long);
    }

    [LiveFact]
    public void Our_initiator_and_tgt_prove_themselves_to_each_other_by_CHAP_and_a_stranger_stays_outside()
    {
        using var guest = new Guest();
        guest.Run(Start, Long);
        string[] login = ["info", Guest.Address, "--target", Secret, "--lun", "1"];
        // Of what is offered tgt chooses the first that it knows, and 7 (SHA-256) it takes for SHA-1, whose number is 6.
        string[] offer = ["--chap-algorithms", "MD5"];
        Disk(guest, 0, [.. login, .. offer, "--chap", "alice:alice-secret-1", "--chap-mutual", "bob:bob-secret-22"]);
        Disk(guest, 0, [.. login, .. offer, "--chap", "alice:alice-secret-1"]);
        Assert.Contains("AuthenticationFailure", Disk(guest, 1, [.. login, .. offer, "--chap", "alice:wrong-secret-1"]), StringComparison.Ordinal);
        Assert.Contains("NegotiationFailed", Disk(guest, 1, [.. login, .. offer, "--chap", "alice:alice-secret-1", "--chap-mutual", "bob:wrong-secret-22"]), StringComparison.Ordinal);
        Assert.Contains("AuthenticationFailure", Disk(guest, 1, login), StringComparison.Ordinal);
        Assert.Contains("TargetNotFound", Disk(guest, 1, "info", Guest.Address, "--target", Name, "--lun", "1", "--initiator", "iqn.2024-01.lab:stranger"), StringComparison.Ordinal);
    }

    private static string Disk(Guest guest, int exitCode, params string[] arguments)
    {
        using var weft = new WeftProcess(guest, ["disk", .. arguments, "--login-timeout", Patience]);
        var code = weft.WaitForExit();
        Assert.True(code == exitCode, $"disk {string.Join(' ', arguments)}: exit code {code}\n{weft.Output}");
        weft.CheckCapture();
        return weft.Output;
    }
}
