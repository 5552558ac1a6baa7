using Weft.Live.Tests.Lab;

namespace Weft.Live.Tests;

/// <summary>The link between open-iscsi and our target is cut, for longer than its pings wait and for less than its replacement timeout.</summary>
[Collection(GuestCollection.Name)]
public class CutTests(SharedGuest shared)
{
    private const string Name = "iqn.2026-11.example.weft:disk";
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(4);

    [LiveFact]
    public void The_link_is_cut_for_5_20_and_60_seconds_under_the_kernels_writes_and_none_is_lost()
    {
        using var folder = new TempFolder();
        var guest = shared.Fresh();
        using var weft = new WeftProcess(guest, "serve", "--lun", $"file:{folder.File("disk.img")}:16M", "--impair", "loss=0%", "--ping-interval", "5", "--ping-timeout", "5");
        weft.WaitFor("Ctrl-C ends");
        guest.Run($"IQN={Name}; ini_up; iscsiadm -m node -o new -T $IQN -p {WeftProcess.Address}:3260,1 -I iser > /dev/null; ini_login", Long);
        var disk = guest.Run("ini_disk").Trim();
        // Written, flushed, read back past every cache, compared: until it is told to stop.
        guest.Run(
            $"""
            head -c 1048576 /dev/urandom > /tmp/data0; head -c 1048576 /dev/urandom > /tmp/data1
            rm -f /tmp/stop /tmp/whole /tmp/failed; echo 0 > /tmp/whole
            (i=0; until [ -e /tmp/stop ]; do
              f=/tmp/data$((i % 2)); at=$((i % 8 * 16))
              dd if=$f of={disk} bs=64k seek=$at oflag=direct conv=notrunc,fsync status=none && dd if={disk} bs=64k skip=$at count=16 iflag=direct status=none | cmp - $f || touch /tmp/failed
              [ -e /tmp/failed ] && break
              i=$((i + 1)); echo $i > /tmp/count; mv /tmp/count /tmp/whole
            done; touch /tmp/ended) > /tmp/load.log 2>&1 &
            """);
        foreach (var seconds in new[] { 5, 20, 60 }) Cuts.WhileFlowing(weft, Progress, seconds);
        guest.Run("touch /tmp/stop; until [ -e /tmp/ended ]; do sleep 0.2; done; cat /tmp/load.log; [ ! -e /tmp/failed ]", Long);
        guest.Run($"IQN={Name}; ini_logout", Long);
        Assert.True(weft.Interrupt() == 0, weft.Output);
        // Pings tell open-iscsi of the longer cuts; it logs in again, and the old session goes.
        Assert.True(weft.Output.Split("logged in").Length - 1 >= 2, weft.Output);
        Assert.Equal(weft.Output.Split("logged in").Length, weft.Output.Split(": closed").Length);
        weft.CheckCapture();

        int Progress()
        {
            var (_, text) = guest.TryRun("cat /tmp/whole; [ ! -e /tmp/failed ] || cat /tmp/load.log");
            return int.TryParse(text.Trim(), out var whole) ? whole : throw new InvalidOperationException($"the load failed:\n{text}\n{weft.Output}");
        }
    }
}
