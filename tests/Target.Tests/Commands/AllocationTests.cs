using Weft.Protocol.Scsi;
using Weft.Target.Commands;

namespace Weft.Target.Tests.Commands;

/// <summary>The command path allocates nothing once its pools are warm.</summary>
public class AllocationTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_command_allocates_nothing_in_steady_state(bool later)
    {
        var executor = later ? new OrderExecutor() : null;
        var bed = new TestBed(executor, 4096, options: new() { MaxTransfer = 4096 }, movesLater: later);
        bed.Port.Logs = false;
        var data = new byte[256 * 512];
        TestTask[] tasks = [new(), new(), new(), new(), new(), new()];
        var list = new byte[UnmapList.LengthFor(1)];
        UnmapList.Write(list, [new(3000, 64)]);
        byte[] none = [], pair = new byte[1024], block = new byte[512];
        Round();
        Round();
        Assert.Equal(0, Steady.AllocatedBytes(() =>
        {
            for (var i = 0; i < 200; i++) Round();
        }));

        void Round()
        {
            bed.Target.Submit(bed.Nexus, tasks[0].Fill(Cdb.Read10(0, 256), none, data, 1));
            bed.Target.Submit(bed.Nexus, tasks[1].Fill(Cdb.Write16(1000, 256), data, none, 2));
            bed.Target.Submit(bed.Nexus, tasks[2].Fill(Cdb.Write16(3000, 1), block, none, 3, attribute: TaskAttribute.Ordered));
            bed.Target.Submit(bed.Nexus, tasks[3].Fill(Cdb.Unmap(24), list, none, 4, attribute: TaskAttribute.Ordered));
            bed.Target.Submit(bed.Nexus, tasks[4].Fill(Cdb.CompareAndWrite(500, 1), pair, none, 5));
            bed.Target.Submit(bed.Nexus, tasks[5].Fill(Cdb.Inquiry(96), none, data, 6));
            if (executor is null) return;
            while (executor.Step()) executor.Choices.Clear();
        }
    }
}
