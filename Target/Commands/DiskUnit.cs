using Weft.Protocol.Scsi;
using Weft.Target.Luns;

namespace Weft.Target.Commands;

/// <summary>Device server of a direct access block device over a back end. SPC-4, SBC-3.</summary>
public partial class DiskUnit : DeviceServer
{
    private readonly IBackStore store;
    private readonly CommandSet commands;
    private readonly FlushRequest backgroundFlush;
    private readonly byte[] zeroBlock;

    public DiskUnit(IBackStore store, DiskOptions? options = null)
    {
        (this.store, Options) = (store, options ?? new());
        BlockLength = store.BlockLength;
        MaxCompareAndWrite = Math.Min(Options.MaxCompareAndWrite, (byte)Math.Min(255, TargetDevice.SmallestBuffer / (2 * BlockLength)));
        commands = new(Has, Options.HasDpoFua);
        backgroundFlush = new(store);
        zeroBlock = new byte[BlockLength];
        Reset();
    }

    public DiskOptions Options { get; }
    public IBackStore Store => store;
    public int BlockLength { get; }
    private int MaxCompareAndWrite { get; }

    protected override bool ReportsTaskAborted => Options.ReportsTaskAborted;
    protected override bool UsesDescriptorSense => descriptorSense;

    /// <summary>The back end's size was changed: initiators are told. SBC-3 §4.10.</summary>
    public void CapacityChanged() => Establish(UnitAttention.CapacityChanged);

    private bool Has(CommandInfo info) => info.Opcode switch
    {
        ScsiOpcode.TestUnitReady or ScsiOpcode.RequestSense or ScsiOpcode.Inquiry or ScsiOpcode.ReportLuns or ScsiOpcode.StartStopUnit => true,
        ScsiOpcode.ModeSense6 or ScsiOpcode.ModeSense10 or ScsiOpcode.ModeSelect6 or ScsiOpcode.ModeSelect10 => true,
        ScsiOpcode.Read6 or ScsiOpcode.Read10 or ScsiOpcode.Read12 or ScsiOpcode.Read16 => true,
        ScsiOpcode.Write6 or ScsiOpcode.Write10 or ScsiOpcode.Write12 or ScsiOpcode.Write16 => true,
        ScsiOpcode.WriteAndVerify10 or ScsiOpcode.WriteAndVerify12 or ScsiOpcode.WriteAndVerify16 => true,
        ScsiOpcode.Verify10 or ScsiOpcode.Verify12 or ScsiOpcode.Verify16 => true,
        ScsiOpcode.PreFetch10 or ScsiOpcode.PreFetch16 or ScsiOpcode.SynchronizeCache10 or ScsiOpcode.SynchronizeCache16 => true,
        ScsiOpcode.WriteSame10 or ScsiOpcode.WriteSame16 or ScsiOpcode.ReadCapacity10 => true,
        ScsiOpcode.CompareAndWrite => MaxCompareAndWrite > 0,
        ScsiOpcode.Unmap => store.IsThin,
        ScsiOpcode.ServiceActionIn16 => info.Action == ServiceAction.ReadCapacity16 || store.IsThin,
        ScsiOpcode.MaintenanceIn => info.Action is ServiceAction.ReportSupportedOpcodes or ServiceAction.ReportSupportedTaskManagement,
        _ => false,
    };

    protected override Step Begin(ScsiTask task)
    {
        var cdb = task.Cdb;
        if (commands.Find(cdb.Opcode, cdb.Action) is not { } command)
            return Check(task, commands.HasOpcode(cdb.Opcode) ? Sense.InvalidCdb(1, 4) : Sense.InvalidOpcode);
        if (cdb.TryFindUndefinedBit(command.Usage, out var offset, out var bit)) return Check(task, Sense.InvalidCdb(offset, bit));
        switch (cdb.Opcode)
        {
            case ScsiOpcode.TestUnitReady:
                return Step.End;
            case ScsiOpcode.StartStopUnit: // the unit stays ready: it has no power states and no medium to eject
                return (cdb[4] & 0xF7) == 0 ? Single(task, StoreOperation.Flush) : Step.End;
            case ScsiOpcode.RequestSense:
                return Reply(task);
            case ScsiOpcode.Inquiry:
                return CheckInquiry(task);
            case ScsiOpcode.ReportLuns:
                return CheckReportLuns(task);
            case ScsiOpcode.ModeSense6 or ScsiOpcode.ModeSense10:
                return CheckModeSense(task);
            case ScsiOpcode.ModeSelect6 or ScsiOpcode.ModeSelect10:
                return CheckModeSelect(task);
            case ScsiOpcode.ReadCapacity10:
                return CheckReadCapacity(task, partialMediumByte: 8);
            case ScsiOpcode.ServiceActionIn16:
                return cdb.Action == ServiceAction.ReadCapacity16 ? CheckReadCapacity(task, 14)
                    : cdb.Lba >= store.Blocks ? Check(task, Sense.LbaOutOfRange)
                    : Reply(task);
            case ScsiOpcode.MaintenanceIn:
                return CheckMaintenanceIn(task);
            case ScsiOpcode.Unmap:
                return BeginUnmap(task);
            case ScsiOpcode.WriteSame10 or ScsiOpcode.WriteSame16:
                return BeginWriteSame(task);
            case ScsiOpcode.CompareAndWrite:
                return BeginCompareAndWrite(task);
            case ScsiOpcode.SynchronizeCache10 or ScsiOpcode.SynchronizeCache16:
                return BeginSynchronizeCache(task);
            case ScsiOpcode.PreFetch10 or ScsiOpcode.PreFetch16: // nothing to gain; GOOD, not CONDITION MET, is what initiators test for
                return InRange(cdb.Lba, cdb.Blocks) ? Step.End : Check(task, Sense.LbaOutOfRange);
            case ScsiOpcode.Verify10 or ScsiOpcode.Verify12 or ScsiOpcode.Verify16:
                return BeginVerify(task);
            default:
                return cdb.Direction == DataDirection.In ? BeginRead(task) : BeginWrite(task);
        }
    }

    protected override Step Continue(ScsiTask task) => task.Work switch
    {
        Work.Reply => ContinueReply(task),
        Work.Read => ContinueRead(task),
        Work.Write => ContinueWrite(task),
        Work.Verify => ContinueVerify(task),
        Work.Parameters => ContinueParameters(task),
        _ => ContinueSingle(task),
    };

    protected override ReadOnlySpan<byte> Build(ScsiTask task) => task.Cdb.Opcode switch
    {
        ScsiOpcode.Inquiry => BuildInquiry(task),
        ScsiOpcode.RequestSense => BuildRequestSense(task, Sense.None),
        ScsiOpcode.ReportLuns => BuildReportLuns(task),
        ScsiOpcode.ModeSense6 => BuildModeSense(task, ten: false),
        ScsiOpcode.ModeSense10 => BuildModeSense(task, ten: true),
        ScsiOpcode.ReadCapacity10 => BuildReadCapacity10(),
        ScsiOpcode.ServiceActionIn16 => task.Cdb.Action == ServiceAction.ReadCapacity16 ? BuildReadCapacity16() : BuildLbaStatus(task),
        _ => BuildMaintenanceIn(task),
    };

    protected override void Reset() => ResetModes();

    // ---- parts that several commands use ----

    private bool InRange(ulong lba, ulong count) => lba <= store.Blocks && count <= store.Blocks - lba;

    /// <summary>Why this initiator may not write, if it may not. SBC-3 §4.12.</summary>
    private Sense? WriteProtection(ScsiTask task) =>
        store.IsReadOnly || task.NexusUnit is { IsReadOnly: true } ? Sense.WriteProtected
        : softwareWriteProtect ? new Sense(SenseKey.DataProtect, AdditionalSense.SoftwareWriteProtected)
        : null;

    /// <summary>Asks the back end; the next step finds the answer.</summary>
    private Step Ask(ScsiTask task, StoreOperation operation, ulong lba, long blocks, Memory<byte> data, bool isForced = false)
    {
        var request = task.Request;
        (request.Operation, request.Lba, request.Blocks, request.Data) = (operation, lba, blocks, data);
        (request.IsForced, request.IsRepeated) = (isForced, false);
        task.Enter(TaskState.Store);
        store.Submit(request);
        return Step.Wait;
    }

    private Step Single(ScsiTask task, StoreOperation operation, ulong lba = 0, long blocks = 0)
    {
        task.Work = Work.Single;
        return Ask(task, operation, lba, blocks, default);
    }

    private static Step ContinueSingle(ScsiTask task) => task.Request.Status == StoreStatus.Done ? Step.End : StoreFailed(task);

    /// <summary>What the back end reported, as sense data. <see cref="ScsiTask.Offset"/> is where a comparison had come to.</summary>
    private static Step StoreFailed(ScsiTask task)
    {
        var position = (ulong)task.Request.Position;
        return Check(task, task.Request.Status switch
        {
            StoreStatus.Miscompare => new(SenseKey.Miscompare, AdditionalSense.Miscompare, position),
            StoreStatus.ReadError => new(SenseKey.MediumError, AdditionalSense.UnrecoveredReadError, position),
            StoreStatus.WriteError => new(SenseKey.MediumError, AdditionalSense.WriteError, position),
            StoreStatus.NoSpace => new(SenseKey.DataProtect, AdditionalSense.SpaceAllocationFailed),
            StoreStatus.ReadOnly => Sense.WriteProtected,
            _ => Sense.InternalFailure,
        });
    }
}
