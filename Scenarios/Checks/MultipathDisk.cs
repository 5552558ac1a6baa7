using Weft.Initiator;
using Weft.Initiator.Commands;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Checks;

/// <summary>
/// One unit over several paths, as dm-multipath has it with path_grouping_policy failover and failback immediate: commands take the first path
/// that works; one whose path fails under it is sent over the next; a path that failed is looked at every second, and used again when it answers.
/// </summary>
internal sealed class MultipathDisk(ScenarioWorld world, CommandLedger ledger, IReadOnlyList<Disk> paths)
{
    private static readonly Duration CheckInterval = Duration.FromSeconds(1);
    private readonly bool[] hasFailed = new bool[paths.Count];
    private bool isClosed;

    /// <summary>The path that commands take now.</summary>
    public int Active => Math.Max(0, Array.IndexOf(hasFailed, false));
    /// <summary>Commands that were answered over each path.</summary>
    public int[] Answered { get; } = new int[paths.Count];
    /// <summary>Commands that were sent over another path, since theirs failed.</summary>
    public int Rerouted { get; private set; }
    /// <summary>Longest time from the start of a command to its answer, over whichever path.</summary>
    public Duration Longest { get; private set; }

    /// <param name="retries">0: the command must not be done twice, and is not sent over another path either.</param>
    public async Task<CommandLedger.Entry> RunAsync(Cdb cdb, Memory<byte> data, int retries)
    {
        var begun = world.Now;
        while (true)
        {
            var path = Active;
            // As the SCSI layer does it: a command whose connection is lost waits for the next one, until fast_io_fail_tmo gives it back.
            var entry = await ledger.RunAsync(paths[path], cdb, data, retries);
            if (!NetworkConduct.IsCutOff(entry))
            {
                Answered[path]++;
                if (world.Now - begun > Longest) Longest = world.Now - begun;
                return entry;
            }
            if (!hasFailed[path])
            {
                hasFailed[path] = true;
                world.Watch(CheckAsync(path));
            }
            if (retries == 0) return entry;
            Rerouted++;
            // All paths are down: queue_if_no_path.
            if (Array.TrueForAll(hasFailed, f => f)) await world.Delay(CheckInterval);
        }
    }

    /// <summary>Nobody looks at failed paths any more.</summary>
    public void Close() => isClosed = true;

    /// <summary>The path checker: TEST UNIT READY.</summary>
    private async Task CheckAsync(int path)
    {
        do await world.Delay(CheckInterval);
        while (!isClosed && !(await ledger.RunAsync(paths[path], Cdb.TestUnitReady())).IsGood);
        hasFailed[path] = false;
    }
}
