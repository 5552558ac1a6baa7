using Weft.Fabric.Execution;
using Weft.Initiator;
using Weft.Initiator.Commands;
using Weft.Protocol.Scsi;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Checks;

/// <summary>Every command that goes through it must end exactly once: never twice, and at the end of the scenario none is left.</summary>
internal sealed class CommandLedger(ScenarioWorld world)
{
    private const string Spec = "SAM-5 5.5; RFC 7143 4.2.2";
    private int submitted;

    public int Submitted => submitted;
    /// <summary>Commands that have ended.</summary>
    public int Ended { get; private set; }
    public bool IsEmpty => Ended == submitted;

    /// <summary>A command that counts its ends.</summary>
    public sealed class Entry : DiskCommand
    {
        internal Entry(int number) => Number = number;

        public int Number { get; }
        public bool HasEnded { get; internal set; }
        internal Signal? Waiter { get; set; }

        public override string ToString() => $"command {Number}";
    }

    /// <summary>Starts a command.</summary>
    /// <param name="retries">How often it may be sent again after a lost connection and the like.</param>
    public Entry Submit(Disk disk, Cdb cdb, Memory<byte> data = default, int retries = 0)
    {
        var entry = new Entry(++submitted) { Data = data, Retries = retries };
        entry.SetCdb(cdb);
        if (data.IsEmpty) entry.Direction = DataDirection.None;
        entry.Completed = OnEnded;
        disk.Submit(entry);
        return entry;
    }

    /// <summary>Runs a command to its end.</summary>
    public async Task<Entry> RunAsync(Disk disk, Cdb cdb, Memory<byte> data = default, int retries = 0)
    {
        var entry = Submit(disk, cdb, data, retries);
        entry.Waiter = world.NewSignal($"{entry} to end");
        if (!entry.HasEnded) await entry.Waiter.Task;
        return entry;
    }

    /// <summary>Claims that every command has ended.</summary>
    public void ClaimAllEnded() => world.Claim(IsEmpty, "ended-once", Spec, $"each of {submitted} commands ends, and {Ended} have");

    private void OnEnded(DiskCommand command)
    {
        var entry = (Entry)command;
        if (entry.HasEnded) world.Fail("ended-once", $"{entry} ends once, but ended again with {entry.Outcome} [{Spec}]");
        entry.HasEnded = true;
        Ended++;
        entry.Waiter?.TrySet();
    }
}
