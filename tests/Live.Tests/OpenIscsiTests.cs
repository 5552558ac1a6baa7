using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>Debian's open-iscsi and the kernel's ib_iser against our target.</summary>
[Collection(GuestCollection.Name)]
public class OpenIscsiTests(SharedGuest shared)
{
    private const string Name = "iqn.2026-11.example.weft:disk";
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(4);
    /// <summary>A record of our target without discovery: nothing is left out of the record, and no session is spent on it.</summary>
    private const string Record = $"IQN={Name}; ini_up; iscsiadm -m node -o new -T $IQN -p {WeftProcess.Address}:3260,1 -I iser > /dev/null; ";

    [LiveFact]
    public void The_kernels_initiator_discovers_logs_in_makes_a_file_system_and_finds_its_files_again()
    {
        var guest = shared.Fresh();
        using var weft = WeftProcess.Serve(guest, "--lun", "ram:64M");
        guest.Run("ini_up");
        Assert.Contains(Name, guest.Run($"ini_discover {WeftProcess.Address} iser"), StringComparison.Ordinal);
        guest.Run($"IQN={Name}; ini_login", Long);
        var disk = guest.Run("ini_disk").Trim();
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
        Fio(guest, disk, "16m", "512-256k");
        guest.Run($"IQN={Name}; ini_logout; ini_login; ini_logout", Long);
        weft.EndServing();
    }

    [LiveFact]
    public void CHAP_one_way_and_mutual_lets_in_who_knows_the_secret_and_nobody_else()
    {
        var guest = shared.Fresh();
        using var weft = WeftProcess.Serve(guest, "--lun", "ram:16M", "--chap", "alice:alice-secret-1", "--chap-mutual", "bob:bob-secret-22");
        guest.Run(Record);

        var (code, output) = guest.TryRun($"IQN={Name}; ini_login", Long);
        Assert.True(code != 0, $"a login without CHAP was let in: {output}");
        weft.WaitFor("login refused: iqn.2024-01.lab:initiator: AuthenticationFailure");

        guest.Run($"IQN={Name}; ini_set node.session.auth.authmethod=CHAP node.session.auth.username=alice node.session.auth.password=wrong-secret-1");
        (code, output) = guest.TryRun($"IQN={Name}; ini_login", Long);
        Assert.True(code == 24 && output.Contains("authorization failure", StringComparison.Ordinal), $"{code}: {output}");

        guest.Run($"IQN={Name}; ini_set node.session.auth.password=alice-secret-1; ini_login; ini_logout", Long);
        guest.Run($"IQN={Name}; ini_set node.session.auth.username_in=bob node.session.auth.password_in=bob-secret-22; ini_login", Long);
        guest.Run("dd if=$(ini_disk) of=/dev/null bs=64k count=16 iflag=direct status=none");
        guest.Run($"IQN={Name}; ini_logout; ini_set node.session.auth.password_in=wrong-secret-22");
        (code, output) = guest.TryRun($"IQN={Name}; ini_login", Long);
        Assert.True(code != 0, $"a target with the wrong secret was believed: {output}");
        weft.EndServing();
    }

    [LiveFact]
    public void Every_combination_of_ImmediateData_and_InitialR2T_carries_data_intact()
    {
        var guest = shared.Fresh();
        using var weft = WeftProcess.Serve(guest, "--lun", "ram:16M", "--immediate-data", "--unsolicited-data");
        guest.Run(Record);
        foreach (var immediate in new[] { "Yes", "No" })
        {
            foreach (var initialR2T in new[] { "Yes", "No" })
            {
                guest.Run($"IQN={Name}; ini_set node.session.iscsi.ImmediateData={immediate} node.session.iscsi.InitialR2T={initialR2T}; ini_login", Long);
                var session = guest.Run("iscsiadm -m session -P 2");
                Assert.Contains($"ImmediateData: {immediate}", session, StringComparison.Ordinal);
                Assert.Contains($"InitialR2T: {initialR2T}", session, StringComparison.Ordinal);
                Fio(guest, guest.Run("ini_disk").Trim(), "4m", "512-512k");
                guest.Run($"IQN={Name}; ini_logout", Long);
            }
        }
        weft.EndServing();
    }

    [LiveFact]
    public void Several_units_answer_the_sg_tools()
    {
        var guest = shared.Fresh();
        using var weft = WeftProcess.Serve(guest, "--lun", "ram:16M", "--lun", "ram:32M", "--lun", "null:1T");
        guest.Run(Record + "ini_login", Long);
        var disks = guest.Run("ini_disk > /dev/null; for d in /sys/block/sd*; do echo /dev/${d##*/}; done").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, disks.Length);
        var report = guest.Run(
            $"""
            set -e
            sg_luns {disks[0]}
            sg_inq {disks[0]}
            for p in 0x00 0x80 0x83 0x86 0xb0 0xb1 0xb2; do echo "page $p"; sg_vpd -p $p {disks[1]}; done
            for d in {string.Join(' ', disks)}; do sg_readcap -l $d; sg_turs $d; sg_sync $d; done
            sg_modes -a {disks[0]}
            sg_opcodes {disks[0]}
            sg_requests {disks[0]}
            """, Long);
        Assert.Contains("Lun list length = 24 which imples 3 lun entries", report, StringComparison.Ordinal);
        Assert.Contains("Vendor identification: WEFT", report, StringComparison.Ordinal);
        Assert.Contains("Unit serial number: weft0001", report, StringComparison.Ordinal);
        foreach (var bytes in new[] { 16L << 20, 32L << 20, 1L << 40 }) Assert.Contains($"Device size: {bytes} bytes", report, StringComparison.Ordinal);

        guest.Run(
            $"""
            set -e
            cd /tmp
            head -c 8192 /dev/urandom > a; head -c 512 /dev/urandom > b; head -c 512 /dev/urandom > c
            get() (dd if={disks[0]} bs=512 skip=$1 count=$2 iflag=direct status=none)
            dd if=a of={disks[0]} bs=512 oflag=direct status=none
            get 0 16 | cmp - a
            sg_verify --lba=0 --count=16 {disks[0]}
            sg_write_same --in=b --lba=4 --num=4 {disks[0]}
            for i in 4 5 6 7; do get $i 1 | cmp - b; done
            get 0 4 | cmp - <(head -c 2048 a)
            get 8 8 | cmp - <(tail -c 4096 a)
            sg_unmap --force --lba=8 --num=4 {disks[0]}
            get 8 4 | cmp - <(head -c 2048 /dev/zero)
            get 12 4 | cmp - <(tail -c 2048 a)
            cat b c > bc
            sg_compare_and_write --in=bc --lba=5 --num=1 --xferlen=1024 {disks[0]}
            get 5 1 | cmp - c
            ! sg_compare_and_write --in=bc --lba=5 --num=1 --xferlen=1024 {disks[0]} 2> miscompare
            get 5 1 | cmp - c
            """, Long);

        guest.Run($"IQN={Name}; ini_logout", Long);
        weft.EndServing();
    }

    private static void Fio(Guest guest, string disk, string size, string blocks)
    {
        var fio = guest.Run(
            $"fio --name=v --filename={disk} --size={size} --bsrange={blocks} --rw=randrw --direct=1 --ioengine=libaio --iodepth=32 --verify=crc32c --do_verify=1 --verify_fatal=1", Long);
        Assert.Contains("err= 0", fio, StringComparison.Ordinal);
    }
}
