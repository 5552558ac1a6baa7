using System.Text;
using Weft.Protocol.Scsi;

namespace Weft.Target.Commands;

// INQUIRY, READ CAPACITY, GET LBA STATUS and the reports about the unit itself.
public partial class DiskUnit
{
    private const int MaxStatusDescriptors = 64;
    private static readonly byte[] Pages =
    [
        VpdPage.SupportedPages, VpdPage.UnitSerialNumber, VpdPage.DeviceIdentification, VpdPage.ExtendedInquiry,
        VpdPage.BlockLimits, VpdPage.BlockCharacteristics, VpdPage.Provisioning,
    ];

    private static Step CheckInquiry(ScsiTask task)
    {
        var page = task.Cdb.VpdPage;
        var exists = task.Cdb.IsVpd ? Array.IndexOf(Pages, page) >= 0 : page == 0;
        return exists ? Reply(task) : Check(task, Sense.InvalidCdb(2));
    }

    private ReadOnlySpan<byte> BuildInquiry(ScsiTask task)
    {
        var answer = Scratch(2048);
        if (!task.Cdb.IsVpd)
        {
            // SAM-5, SPC-4, SBC-3 and the transport. SPC-4 §6.6.2, table of version descriptors.
            var transport = task.Nexus!.Identity.Protocol == Designator.Srp ? (ushort)0x0940 : (ushort)0x0960;
            new InquiryData(0, 0, 6, Options.Vendor, Options.Product, Options.Revision,
                VersionsHigh: InquiryData.Versions(0x00A0, 0x0460, 0x04C0, transport)).Write(answer);
            return answer[..InquiryData.Length];
        }
        switch (task.Cdb.VpdPage)
        {
            case VpdPage.SupportedPages:
                return answer[..VpdPage.WriteSupported(answer, Pages)];
            case VpdPage.UnitSerialNumber:
                return answer[..VpdPage.WriteSerial(answer, Options.Serial)];
            case VpdPage.DeviceIdentification:
                return answer[..WriteIdentification(answer, task.Nexus!.Identity)];
            case VpdPage.ExtendedInquiry:
                new ExtendedInquiry(true, true, true, false, VolatileCache: true, ClearsAttentionPerNexus: true, MaxSense: 0).Write(answer);
                return answer[..ExtendedInquiry.Length];
            case VpdPage.BlockLimits:
                Limits().Write(answer);
                return answer[..BlockLimits.Length];
            case VpdPage.BlockCharacteristics:
                new BlockCharacteristics(Options.RotationRate).Write(answer);
                return answer[..BlockCharacteristics.Length];
            default:
                var thin = store.IsThin;
                new Provisioning(thin, thin, thin, ReadsZeros: thin, Type: (byte)(thin ? 2 : 0)).Write(answer);
                return answer[..Provisioning.Length];
        }
    }

    private BlockLimits Limits() => new(
        Options.RefusesWriteSameToEnd, (byte)MaxCompareAndWrite, (ushort)(1 << Options.PhysicalExponent), Options.MaxTransfer, Options.OptimalTransfer,
        MaxUnmapBlocks: store.IsThin ? Options.MaxUnmapBlocks : 0, MaxUnmapDescriptors: store.IsThin ? Options.MaxUnmapDescriptors : 0,
        UnmapGranularity: store.IsThin ? 1u << Options.PhysicalExponent : 0, MaxWriteSame: Options.MaxWriteSame);

    /// <summary>Names of the unit (NAA, T10 vendor), of the port (relative port, name) and of the device. SPC-4 §7.8.6.</summary>
    private int WriteIdentification(Span<byte> page, NexusIdentity identity)
    {
        var at = VpdPage.Length;
        at += Options.Naa is { } naa ? Designator.WriteNaa16(page[at..], naa.High, naa.Low) : Designator.WriteNaa8(page[at..], LocalName());
        at += Designator.WriteT10Vendor(page[at..], Options.Vendor, $"{Options.Product}:{Options.Serial}");
        at += Designator.WritePortNumber(page[at..], identity.Protocol, Designator.RelativeTargetPort, identity.RelativePort);
        if (identity.TargetPortName.Length > 0)
            at += Designator.WriteName(page[at..], identity.Protocol, Designator.OfPort, identity.TargetPortName);
        if (identity.TargetDeviceName.Length > 0)
            at += Designator.WriteName(page[at..], identity.Protocol, Designator.OfDevice, identity.TargetDeviceName);
        new VpdPage(0, VpdPage.DeviceIdentification, (ushort)(at - VpdPage.Length)).Write(page);
        return at;
    }

    /// <summary>NAA 3 (locally assigned) over 60 bits of FNV-1a of vendor and serial number: the same in every run.</summary>
    private ulong LocalName()
    {
        var hash = 0xCBF2_9CE4_8422_2325UL;
        foreach (var b in Encoding.UTF8.GetBytes($"{Options.Vendor}:{Options.Serial}")) hash = (hash ^ b) * 0x100_0000_01B3;
        return 3UL << 60 | hash >> 4;
    }

    // ---- READ CAPACITY, SBC-3 §5.15, §5.16 ----

    private static Step CheckReadCapacity(ScsiTask task, int partialMediumByte)
    {
        if ((task.Cdb[partialMediumByte] & 1) != 0) return Check(task, Sense.InvalidCdb(partialMediumByte, 0)); // PMI is obsolete
        return task.Cdb.Lba != 0 ? Check(task, Sense.InvalidCdb(2)) : Reply(task);
    }

    private ReadOnlySpan<byte> BuildReadCapacity10()
    {
        var answer = Scratch(ReadCapacity10Data.Length);
        ReadCapacity10Data.For(store.Blocks, (uint)BlockLength).Write(answer);
        return answer;
    }

    private ReadOnlySpan<byte> BuildReadCapacity16()
    {
        var answer = Scratch(ReadCapacity16Data.Length);
        new ReadCapacity16Data(store.Blocks - 1, (uint)BlockLength, Options.PhysicalExponent, store.IsThin, store.IsThin).Write(answer);
        return answer;
    }

    // ---- GET LBA STATUS, SBC-3 §5.6 ----

    private ReadOnlySpan<byte> BuildLbaStatus(ScsiTask task)
    {
        var room = (task.Cdb.ByteCount - LbaStatusDescriptor.HeaderLength) / LbaStatusDescriptor.Length;
        var most = task.Cdb.ByteCount < LbaStatusDescriptor.HeaderLength + LbaStatusDescriptor.Length ? 1 : (int)Math.Min(room, MaxStatusDescriptors);
        var answer = Scratch(LbaStatusDescriptor.HeaderLength + most * LbaStatusDescriptor.Length);
        var (lba, count) = (task.Cdb.Lba, 0);
        for (; count < most && lba < store.Blocks; count++)
        {
            var run = store.QueryMapping(lba, (long)Math.Min(store.Blocks - lba, uint.MaxValue), out var isMapped);
            new LbaStatusDescriptor(lba, (uint)run, isMapped ? LbaStatusDescriptor.Mapped : LbaStatusDescriptor.Deallocated)
                .Write(answer[(LbaStatusDescriptor.HeaderLength + count * LbaStatusDescriptor.Length)..]);
            lba += (ulong)run;
        }
        LbaStatusDescriptor.WriteHeader(answer, count);
        return answer[..(LbaStatusDescriptor.HeaderLength + count * LbaStatusDescriptor.Length)];
    }

    // ---- MAINTENANCE IN, SPC-4 §6.27, §6.28 ----

    private Step CheckMaintenanceIn(ScsiTask task)
    {
        var cdb = task.Cdb;
        if (cdb.Action != ServiceAction.ReportSupportedOpcodes) return Reply(task);
        var hasActions = CommandTable.HasActions((ScsiOpcode)cdb[3]);
        return (cdb[2] & 7) switch
        {
            0 or 3 => Reply(task),
            1 when commands.HasOpcode((ScsiOpcode)cdb[3]) && hasActions => Check(task, Sense.InvalidCdb(2, 2)),
            2 when commands.HasOpcode((ScsiOpcode)cdb[3]) && !hasActions => Check(task, Sense.InvalidCdb(2, 2)),
            1 or 2 => Reply(task),
            _ => Check(task, Sense.InvalidCdb(2, 2)),
        };
    }

    private ReadOnlySpan<byte> BuildMaintenanceIn(ScsiTask task)
    {
        var cdb = task.Cdb;
        if (cdb.Action == ServiceAction.ReportSupportedTaskManagement)
        {
            var functions = SupportedTaskManagement.AbortTask | SupportedTaskManagement.AbortTaskSet | SupportedTaskManagement.ClearTaskSet
                | SupportedTaskManagement.LogicalUnitReset | SupportedTaskManagement.QueryTask | SupportedTaskManagement.TargetReset
                | SupportedTaskManagement.QueryAsynchronousEvent | SupportedTaskManagement.QueryTaskSet | SupportedTaskManagement.NexusReset;
            var report = Scratch((cdb[2] & 0x80) != 0 ? 16 : 4);
            (report[0], report[1]) = ((byte)((ushort)functions >> 8), (byte)functions);
            if (report.Length == 16) report[3] = 12; // REPD: no timeouts are known
            return report;
        }
        var timeouts = (cdb[2] & 0x80) != 0;
        return (cdb[2] & 7) == 0 ? BuildAllOpcodes(timeouts) : BuildOneOpcode(cdb, timeouts);
    }

    private ReadOnlySpan<byte> BuildAllOpcodes(bool timeouts)
    {
        var length = SupportedOpcodes.LengthForAll(commands.All.Count, timeouts);
        var answer = Scratch(length);
        SupportedOpcodes.WriteHeader(answer, length);
        var at = SupportedOpcodes.HeaderLength;
        foreach (var command in commands.All) at += SupportedOpcodes.WriteDescriptor(answer[at..], command.Info, timeouts);
        return answer;
    }

    private ReadOnlySpan<byte> BuildOneOpcode(Cdb cdb, bool timeouts)
    {
        var (opcode, action, option) = ((ScsiOpcode)cdb[3], cdb[4] << 8 | cdb[5], cdb[2] & 7);
        var found = commands.Find(opcode, action);
        if (option == 3 && found is { Info.HasAction: false } && action != 0) found = null; // SPC-4 §6.27.1: no action is asked for as 0
        var answer = Scratch(64);
        return answer[..SupportedOpcodes.WriteOne(answer, found?.Info, found?.Usage, timeouts)];
    }
}
