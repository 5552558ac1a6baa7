using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>Four sessions of open-iscsi at once on our target: two initiators with one each, and one with two.</summary>
[Collection(GuestCollection.Name)]
public class OpenIscsiSessionsTests(SharedGuest shared)
{
    private const int Sessions = 4, Rounds = 50;
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);
    /// <summary>A round of four logins takes a guest two or three seconds on a quiet machine; on a busy one fifteen.</summary>
    private static readonly TimeSpan AllRounds = TimeSpan.FromMinutes(30);

    /// <summary>Script: records of the four sessions, and <c>await_disks N</c>, which leaves their names in <c>$disks</c>.</summary>
    private const string Setup =
        $$"""
        IQN=iqn.2026-11.example.weft:disk; ini_up
        for i in 1 2; do
          iscsiadm -m iface -I weft$i -o new
          iscsiadm -m iface -I weft$i -o update -n iface.transport_name -v iser
          iscsiadm -m iface -I weft$i -o update -n iface.initiatorname -v iqn.2024-01.lab:initiator$i
        done > /dev/null 2>&1
        for i in weft1 weft2 iser; do iscsiadm -m node -o new -T $IQN -p {{WeftProcess.Address}}:3260,1 -I $i; done > /dev/null
        iscsiadm -m node -T $IQN -I iser -o update -n node.session.nr_sessions -v 2
        # udev looks at every new disk with a dozen programs: most of the time on an emulated processor.
        modprobe sd_mod
        udevadm control --stop-exec-queue
        trap 'udevadm control --start-exec-queue' EXIT
        await_disks() { local i; for i in $(seq 600); do disks=$(cd /sys/block; echo sd*); set -- $1 $disks; [ $# = $(( $1 + 1 )) ] && return; sleep 0.1; done; echo "there are: $disks"; return 1; }

        """;

    [LiveFact]
    public void Four_sessions_carry_data_at_once_and_one_that_leaves_takes_nothing_from_the_others()
    {
        var guest = shared.Fresh();
        using var weft = WeftProcess.Serve(guest, "--lun", "ram:16M", "--lun", "ram:16M");
        guest.Run(
            Setup +
            """
            set -e
            iscsiadm -m node -T $IQN -l > /tmp/iscsiadm || { cat /tmp/iscsiadm; exit 1; }
            await_disks 8
            declare -A unit session
            for d in $disks; do p=$(readlink -f /sys/block/$d/device); unit[$d]=${p##*:}; p=${p#*/session}; session[$d]=${p%%/*}; done
            verify() { # disks: random blocks of each at once, in a region of its own; read back and compared
              local d jobs= n=0; for d; do jobs="$jobs --name=$d --filename=/dev/$d --offset=$(( n++ ))m"; done
              fio --size=512k --bsrange=512-64k --rw=randrw --direct=1 --ioengine=libaio --iodepth=8 --thread --verify=crc32c --do_verify=1 --verify_fatal=1 $jobs
            }
            verify $disks > /tmp/fio || { cat /tmp/fio; exit 1; }

            # What one session writes, every session reads.
            for lun in 0 1; do
              head -c 262144 /dev/urandom > /tmp/data
              n=0; for d in $disks; do
                [ ${unit[$d]} = $lun ] || continue
                dd if=/tmp/data of=/dev/$d bs=64k skip=$n seek=$n count=1 oflag=direct conv=notrunc status=none; n=$(( n + 1 ))
              done
              [ $n = 4 ]
              for d in $disks; do [ ${unit[$d]} != $lun ] || cmp /tmp/data <(dd if=/dev/$d bs=256k count=1 iflag=direct status=none); done
            done

            # One logs out while the others are at work.
            leaving=${session[${disks%% *}]}; staying=
            for d in $disks; do [ ${session[$d]} = $leaving ] || staying="$staying $d"; done
            verify $staying > /tmp/fio & fio=$!
            flowing ${staying##* }
            iscsiadm -m session -r $leaving -u
            wait $fio || { cat /tmp/fio; exit 1; }
            await_disks 6
            iscsiadm -m node -T $IQN -u
            """, Long);
        weft.EndServing();
        Assert.Equal(2, weft.Count("iqn.2024-01.lab:initiator -> iqn.2026-11.example.weft:disk: logged in"));
        Assert.Equal(Sessions, weft.Count(": logged in"));
        Assert.Equal(Sessions, weft.Count(": closed"));
    }

    [LiveFact]
    public void Two_hundred_logins_four_sessions_at_a_time_each_with_data_leave_nothing_behind()
    {
        var guest = shared.Fresh();
        using var weft = WeftProcess.Serve(guest, "--lun", "ram:16M");
        guest.Run(
            Setup +
            $$"""
            fail() { echo "round $round: $1"; cat /tmp/iscsiadm; exit 1; }
            blocks=(0 1 2 3)
            for round in $(seq {{Rounds}}); do
              head -c 262144 /dev/urandom > /tmp/data
              iscsiadm -m node -T $IQN -l > /tmp/iscsiadm 2>&1 || fail login
              await_disks {{Sessions}} || fail disks
              set -- $disks
              for n in ${blocks[*]}; do dd if=/tmp/data of=/dev/${@:n+1:1} bs=64k skip=$n seek=$n count=1 oflag=direct conv=notrunc status=none || fail write; done
              # Each reads what another has written.
              for n in ${blocks[*]}; do dd if=/dev/${@:{{Sessions}}-n:1} bs=64k skip=$n count=1 iflag=direct status=none; done | cmp - /tmp/data || fail data
              iscsiadm -m node -T $IQN -u > /tmp/iscsiadm 2>&1 || fail logout
            done
            """, AllRounds);
        weft.EndServing();
        Assert.Equal(Sessions * Rounds, weft.Count(": logged in"));
        Assert.Equal(Sessions * Rounds, weft.Count(": closed"));
    }
}
