using System.Text.RegularExpressions;
using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>The kernel's ib_srp against our SRP target, over RoCE.</summary>
[Collection(GuestCollection.Name)]
public class SrpTargetTests(SharedGuest shared)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(4);

    [LiveFact]
    public void The_kernels_ib_srp_logs_in_makes_a_file_system_and_finds_its_files_again()
    {
        var guest = shared.Fresh();
        using var weft = Serve(guest, "--lun", "ram:64M", "--lun", "ram:16M");
        Login(guest, weft);
        Assert.Equal(2, guest.Run("ls -d /sys/block/sd* | wc -l").Trim()[0] - '0');
        var disk = guest.Run("ini_disk").Trim();
        guest.Run(
            $"""
            set -e
            sg_inq {disk} | grep -q WEFT
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
        Fio(guest, disk, "8m", "512-256k");
        guest.Run("srp_logout");
        weft.WaitFor("closing, PeerDisconnected");
        End(weft);
    }

    [LiveFact]
    public void Large_commands_immediate_data_on_and_off_and_several_channels_carry_data_intact()
    {
        var guest = shared.Fresh();
        using var weft = Serve(guest, "--lun", "ram:16M");
        foreach (var (module, options) in new[] { ("", ",cmd_sg_entries=255,ch_count=2"), ("use_imm_data=N", ",cmd_sg_entries=255"), ("prefer_fr=N never_register=Y", ",cmd_sg_entries=255") })
        {
            guest.Run($"srp_logout; modprobe -r ib_srp; modprobe ib_srp {module}");
            Login(guest, weft, options);
            var disk = guest.Run("ini_disk").Trim();
            guest.Run($"echo 1024 > /sys/block/{disk[5..]}/queue/max_sectors_kb 2> /dev/null; exit 0");
            Fio(guest, disk, "4m", "512-1m");
        }
        guest.Run("srp_logout");
        End(weft);
        Assert.Contains("logged in\n", weft.Output, StringComparison.Ordinal); // without immediate data
    }

    /// <summary>Without tshark: to a stock one SRP_CRED_REQ begins like a VLAN tag.</summary>
    [LiveFact]
    public void The_rest_of_the_request_limit_comes_by_SRP_CRED_REQ_and_with_a_shared_receive_queue()
    {
        var guest = shared.Fresh();
        using var weft = Serve(guest, "--lun", "ram:16M", "--srp-set", "login_grant=8", "--srp-set", "use_srq=1");
        Login(guest, weft);
        Assert.Equal("128", guest.Run("ini_disk > /dev/null; sleep 1; cat /sys/class/scsi_host/host*/req_lim").Trim());
        Fio(guest, guest.Run("ini_disk").Trim(), "2m", "512-64k");
        guest.Run("srp_logout");
        Assert.True(weft.Interrupt() == 0, weft.Output);
    }

    [LiveFact]
    public void After_a_cut_of_the_link_ib_srp_reconnects_and_no_data_is_lost()
    {
        var guest = shared.Fresh();
        using var weft = Serve(guest, "--lun", "ram:16M");
        Login(guest, weft);
        var disk = guest.Run("ini_disk").Trim();
        guest.Run(
            $$"""
            for r in /sys/class/srp_remote_ports/*; do echo 40 > $r/fast_io_fail_tmo; echo 2 > $r/reconnect_delay; done
            fio --name=v --filename={{disk}} --size=4m --bsrange=4k-64k --rw=randwrite --direct=1 --ioengine=libaio --iodepth=8 --verify=crc32c --verify_fatal=1 --time_based --runtime=30 > /tmp/fio 2>&1 &
            flowing {{disk}}
            modprobe sch_netem
            tc qdisc add dev eth0 root netem loss 100%
            sleep 8
            tc qdisc del dev eth0 root
            wait %1 || { cat /tmp/fio; dmesg | tail -20; exit 1; }
            """, Long);
        guest.Run("srp_logout");
        End(weft);
    }

    private static WeftProcess Serve(Guest guest, params string[] options)
    {
        guest.Run("srp_logout; modprobe -r ib_srp 2> /dev/null; exit 0");
        var weft = new WeftProcess(guest, ["serve", "--srp", "5555", .. options]);
        weft.WaitFor("Ctrl-C ends");
        return weft;
    }

    /// <summary>Logs in with the string that the target printed, and further options of ib_srp.</summary>
    private static void Login(Guest guest, WeftProcess weft, string options = "") => guest.Run(
        $$"""
        modprobe ib_srp
        echo '{{AddTargetString(weft)}}{{options}}' > /sys/class/infiniband_srp/srp-rxe0-1/add_target || { dmesg | tail -20; exit 1; }
        settle
        ini_disk > /dev/null
        """, Long);

    private static string AddTargetString(WeftProcess weft) => Regex.Match(weft.Output, "id_ext=[0-9a-f]{16},ioc_guid=[0-9a-f]{16},dest=[0-9.:]+").Value;

    private static void Fio(Guest guest, string disk, string size, string blocks)
    {
        var fio = guest.Run(
            $"fio --name=v --filename={disk} --size={size} --bsrange={blocks} --rw=randrw --direct=1 --ioengine=libaio --iodepth=32 --verify=crc32c --do_verify=1 --verify_fatal=1", Long);
        Assert.Contains("err= 0", fio, StringComparison.Ordinal);
    }

    /// <summary>Ctrl-C ends the target, and no queue pair, key or channel is left in it.</summary>
    private static void End(WeftProcess weft)
    {
        Assert.True(weft.Interrupt() == 0, weft.Output);
        weft.CheckCapture();
    }
}
