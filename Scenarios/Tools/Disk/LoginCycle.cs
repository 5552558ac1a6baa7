using System.Threading;
using Weft.Initiator;
using DiskUnit = Weft.Initiator.Disk;

namespace Weft.Scenarios.Tools.Disk;

/// <summary>Logins and logouts in turn, several sessions at a time, with a block read over each.</summary>
internal sealed class LoginCycle(Func<Task<DiskUnit>> login, int count, int sessions)
{
    private int done;

    /// <summary>Cycles that are over; other threads may look.</summary>
    public int Done => Volatile.Read(ref done);

    /// <exception cref="InitiatorException">A login, a read or a logout failed.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (done < count && !cancel.IsCancellationRequested)
        {
            var disks = new Task<DiskUnit>[sessions];
            for (var i = 0; i < sessions; i++) disks[i] = login();
            foreach (var disk in disks)
            {
                var unit = await disk;
                await unit.ReadAsync(0, new byte[unit.BlockLength]);
            }
            foreach (var disk in disks) await (await disk).Session.LogoutAsync();
            Volatile.Write(ref done, done + 1);
        }
    }
}
