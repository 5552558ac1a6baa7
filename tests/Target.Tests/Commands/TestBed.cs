using Weft.Protocol.Scsi;
using Weft.Target.Commands;
using Weft.Target.Luns;

namespace Weft.Target.Tests.Commands;

/// <summary>A target with one disk as LUN 0 and one initiator, everything at once unless an executor is given.</summary>
internal sealed class TestBed
{
    public readonly TargetDevice Target = new("t", announcesPowerOn: false);
    public readonly TestPort Port;
    public readonly DiskUnit Disk;
    public readonly BackStore Store;
    public readonly Nexus Nexus;

    public TestBed(
        OrderExecutor? executor = null, ulong blocks = 1024, int blockLength = 512, DiskOptions? options = null, bool movesLater = false,
        BackStore? store = null, Func<IBackStore, DiskOptions?, DiskUnit>? make = null, int buffers = 64, int lanes = 8)
    {
        Store = store ?? new RamStore("lun0", blocks, blockLength, executor, executor is null ? default : StoreTiming.AnyOrder(lanes));
        Disk = make is null ? new(Store, options) : make(Store, options);
        Target.Luns.Default.Add(0, Disk);
        Port = new(movesLater ? executor : null, buffers);
        Nexus = Target.OpenNexus(Port, new("iqn.test:a", "iqn.test:a,i,0x000000000001", "iqn.test:t,t,0x0001", TargetDeviceName: "iqn.test:t"));
    }

    public TestTask Submit(TestTask task, Nexus? nexus = null)
    {
        Target.Submit(nexus ?? Nexus, task);
        return task;
    }

    public TestTask Do(Cdb cdb, byte[]? dataOut = null, int dataIn = 0) => Submit(TestTask.For(cdb, dataOut, dataIn));

    public TaskManagementRequest Manage(TaskManagementFunction function, ulong tag = 0, int lun = 0, Nexus? nexus = null)
    {
        var request = new TaskManagementRequest { Function = function, ReferencedTag = tag, Lun = Lun.From(lun) };
        Target.Manage(nexus ?? Nexus, request);
        return request;
    }

    public Nexus Another(TestPort port, string name = "iqn.test:b") => Target.OpenNexus(port, new(name, name + ",i,0x000000000001"));

    public static byte[] Pattern(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
