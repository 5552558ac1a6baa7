using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>Debian's open-iscsi and the kernel's ib_iser against our target.</summary>
public class OpenIscsiTests
{
    private const string Name = "iqn.2026-11.example.weft:disk";
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(4);

    [LiveFact]
    public void The_kernels_initiator_discovers_logs_in_makes_a_file_system_and_finds_its_files_again()
    {
        using var guest = new Guest();
        using var weft = new WeftProcess(guest, "serve", "--lun", "ram:64M");
        weft.WaitFor("Ctrl-C ends");
        guest.Run("rxe_up; ini_up");
        Assert.Contains(Name, guest.Run($"ini_discover {WeftProcess.Address} iser"), StringComparison.Ordinal);
        guest.Run($"IQN={Name}; ini_login", Long);
        var disk = guest.Run("ini_disk").Trim();
        Assert.Contains("WEFT", guest.Run($"sg_inq {disk}"), StringComparison.Ordinal);
        guest.Run(
            $"""
            set -e
            mkfs.ext4 -q -F {disk}
            mount {disk} /mnt
            dd if=/dev/urandom of=/mnt/f bs=64k count=64 status=none
            sha256sum /mnt/f > /tmp/before
            umount /mnt
            echo 3 > /proc/sys/vm/drop_caches
            mount {disk} /mnt
            sha256sum -c /tmp/before
            umount /mnt
            """, Long);
        var fio = guest.Run(
            $"fio --name=v --filename={disk} --size=16m --bsrange=512-256k --rw=randrw --direct=1 --ioengine=libaio --iodepth=32 --verify=crc32c --do_verify=1 --verify_fatal=1", Long);
        Assert.Contains("err= 0", fio, StringComparison.Ordinal);
        guest.Run($"IQN={Name}; ini_logout; ini_login; ini_logout", Long);
        Assert.Equal(0, weft.Interrupt());
        Assert.Contains("stopped", weft.Output, StringComparison.Ordinal);
    }
}
