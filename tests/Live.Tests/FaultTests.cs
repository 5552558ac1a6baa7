using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>Our target while something goes wrong: the wire, the guest, or we ourselves.</summary>
[Collection(GuestCollection.Name)]
public class FaultTests(SharedGuest shared)
{
    private const string Name = "iqn.2026-11.example.weft:disk";
    private const string Login = $"IQN={Name}; ini_up; iscsiadm -m node -o new -T $IQN -p {WeftProcess.Address}:3260,1 -I iser > /dev/null; ini_login";
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [LiveFact]
    public void Data_is_intact_over_a_wire_that_loses_reorders_and_duplicates()
    {
        var guest = shared.Fresh();
        using var weft = WeftProcess.Serve(guest, "--lun", "ram:16M", "--impair", "loss=2%,reorder=1%,duplicate=1%,seed=3");
        guest.Run(Login, Long);
        var disk = guest.Run("ini_disk").Trim();
        var fio = guest.Run(
            $"fio --name=v --filename={disk} --size=1m --bsrange=512-64k --rw=randrw --direct=1 --ioengine=libaio --iodepth=8 --verify=crc32c --do_verify=1 --verify_fatal=1", Long);
        Assert.Contains("err= 0", fio, StringComparison.Ordinal);
        guest.Run($"IQN={Name}; ini_logout", Long);
        weft.EndServing();
        Assert.Matches("impaired: [0-9]+ frames, [1-9][0-9]* lost, [1-9][0-9]* duplicated, [1-9][0-9]* reordered", weft.Output);
    }

    [LiveFact]
    public void Our_process_is_killed_and_started_again_under_the_guests_writes_and_no_data_is_lost()
    {
        using var folder = new TempFolder();
        var file = folder.File("disk.img");
        var guest = shared.Fresh();
        var first = WeftProcess.Serve(guest, "--lun", $"file:{file}:32M");
        guest.Run(Login, Long);
        var disk = guest.Run("ini_disk").Trim();
        guest.Run(
            $"""
            head -c 6291456 /dev/urandom > /tmp/data
            (dd if=/tmp/data of={disk} bs=4k oflag=direct conv=notrunc; echo "dd ended with $?") > /tmp/dd.log 2>&1 &
            until set -- $(cat /sys/block/{disk[5..]}/stat) && [ $5 -gt 50 ]; do sleep 0.1; done
            """, Long);
        first.Kill();
        first.Dispose();
        guest.Run("grep -q 'dd ended' /tmp/dd.log && { cat /tmp/dd.log; exit 1; }; exit 0");
        using var second = WeftProcess.Serve(guest, "--lun", $"file:{file}");
        guest.Run("for i in $(seq 900); do grep -q 'dd ended' /tmp/dd.log && break; sleep 0.2; done; cat /tmp/dd.log; grep -q 'ended with 0' /tmp/dd.log", Long);
        guest.Run($"cmp /tmp/data <(dd if={disk} bs=64k count=96 iflag=direct status=none)", Long);
        guest.Run($"IQN={Name}; ini_logout", Long);
        second.EndServing();
    }

    [LiveFact]
    public void A_guest_that_is_killed_in_mid_IO_loses_nothing_that_it_had_flushed_leaves_nothing_in_our_process_and_another_is_served()
    {
        const int Block = 4096, Blocks = 2048, Kinds = 256, Begin = 8 << 20;
        using var folder = new TempFolder();
        var file = folder.File("disk.img");
        using var guest = new Guest();
        using var weft = WeftProcess.Serve(guest, "--lun", $"file:{file}:16M", "--ping-interval", "2", "--ping-timeout", "2");
        guest.Run("rxe_up; " + Login, Long);
        // With a write cache only what is flushed counts, and the kernel flushes by SYNCHRONIZE CACHE.
        guest.Run("d=$(ini_disk); c=$(echo /sys/class/scsi_disk/*/cache_type); echo 'write back' > $c; grep -q 'write back' $c && grep -q 'write back' /sys/block/${d#/dev/}/queue/write_cache");
        // Block after block is written and flushed, and then counted: first alone, then beside a load.
        var data = Convert.FromBase64String(guest.Run(
            $$"""
            d=$(ini_disk); head -c {{Kinds * Block}} /dev/urandom > /tmp/data; echo 0 > /tmp/flushed
            (for i in $(seq 0 {{Blocks - 1}}); do
              dd if=/tmp/data of=$d bs={{Block}} skip=$(( i % {{Kinds}} )) seek=$(( {{Begin / Block}} + i )) count=1 oflag=direct conv=notrunc,fsync status=none || break
              echo $(( i + 1 )) > /tmp/count; mv /tmp/count /tmp/flushed
            done) > /tmp/flush.log 2>&1 &
            base64 -w0 /tmp/data
            """, Long));
        guest.Run("until [ $(cat /tmp/flushed) -ge 20 ]; do sleep 0.1; done", Long);
        guest.Run("d=$(ini_disk); fio --name=load --filename=$d --size=8m --bs=64k --rw=randrw --direct=1 --ioengine=libaio --iodepth=16 --time_based --runtime=600 > /dev/null 2>&1 & flowing $(ini_disk)", Long);
        var flushed = int.Parse(guest.Run("cat /tmp/flushed"), System.Globalization.CultureInfo.InvariantCulture);
        guest.Kill();
        Assert.InRange(flushed, 20, Blocks - 1);
        CheckFlushed();
        weft.WaitFor(": closed", 90);

        using var next = new Guest(inPlaceOf: guest);
        next.Run("rxe_up; " + Login, Long);
        next.Run(
            """
            set -e
            d=$(ini_disk)
            head -c 1048576 /dev/urandom > /tmp/data
            dd if=/tmp/data of=$d bs=64k oflag=direct status=none
            dd if=$d bs=64k count=16 iflag=direct status=none | cmp - /tmp/data
            """, Long);
        next.Run($"IQN={Name}; ini_logout", Long);
        weft.EndServing();
        CheckFlushed();
        Assert.True(Tshark.Run(weft.Capture, "scsi_sbc.opcode == 0x35").Split('\n').Length > flushed, "the guest's flushes did not come to us");

        void CheckFlushed()
        {
            using var disk = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var there = new byte[flushed * Block];
            disk.Position = Begin;
            disk.ReadExactly(there);
            for (var i = 0; i < flushed; i++)
                Assert.True(there.AsSpan(i * Block, Block).SequenceEqual(data.AsSpan(i % Kinds * Block, Block)), $"block {i} of {flushed} that were flushed is not on the disk");
        }
    }
}
