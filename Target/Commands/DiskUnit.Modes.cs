using Weft.Protocol.Scsi;

namespace Weft.Target.Commands;

// MODE SENSE and MODE SELECT. SPC-4 §6.10, §6.13, §7.5; SBC-3 §6.5.
public partial class DiskUnit
{
    private const int Current = 0, Changeable = 1, Default = 2, Saved = 3;
    private const int MaxModeLength = 128;
    private static readonly byte[] ModePages = [ModePage.ErrorRecovery, ModePage.Caching, ModePage.Control, ModePage.InformationalExceptions];

    private bool writeCache, descriptorSense, softwareWriteProtect;

    /// <summary>WCE now.</summary>
    public bool IsWriteCacheOn => writeCache;

    /// <summary>Nothing is saved, so the saved values are the defaults.</summary>
    private void ResetModes() => (writeCache, descriptorSense, softwareWriteProtect) = (Options.WriteCache, false, false);

    private static Step CheckModeSense(ScsiTask task)
    {
        var cdb = task.Cdb;
        if (cdb.PageControl == Saved) return Check(task, new(SenseKey.IllegalRequest, AdditionalSense.SavingNotSupported));
        if (cdb.ModeSubpage is not (0 or ModePage.AllSubpages)) return Check(task, Sense.InvalidCdb(3));
        return cdb.ModePage == ModePage.All || Array.IndexOf(ModePages, cdb.ModePage) >= 0 ? Reply(task) : Check(task, Sense.InvalidCdb(2, 5));
    }

    private ReadOnlySpan<byte> BuildModeSense(ScsiTask task, bool ten)
    {
        var cdb = task.Cdb;
        var answer = Scratch(MaxModeLength);
        var isLong = ten && cdb.LongLbaAccepted;
        var at = ModeHeader.Length(ten);
        var descriptor = cdb.DisableBlockDescriptors ? 0 : isLong ? BlockDescriptor.LongLength : BlockDescriptor.ShortLength;
        if (descriptor > 0) new BlockDescriptor(store.Blocks, (uint)BlockLength).Write(answer[at..], isLong);
        at += descriptor;
        foreach (var page in ModePages)
            if (cdb.ModePage == page || cdb.ModePage == ModePage.All) at += WritePage(answer[at..], page, cdb.PageControl);
        var specific = (WriteProtection(task) is not null ? ModeHeader.WriteProtected : 0) | (Options.HasDpoFua ? ModeHeader.DpoFua : 0);
        new ModeHeader((ushort)(at - (ten ? 2 : 1)), 0, (byte)specific, (ushort)descriptor, isLong && descriptor > 0).Write(answer, ten);
        return answer[..at];
    }

    /// <summary>One page with its header, for a page control of current, changeable or default.</summary>
    private int WritePage(Span<byte> target, byte page, int control)
    {
        switch (page)
        {
            case ModePage.ErrorRecovery: // nothing to set: the back end does what it does
                target[..12].Clear();
                new ModePage(page, 0, false, false, 10).Write(target);
                if (control != Changeable) target[2] = 0xC0; // AWRE, ARRE
                return 12;
            case ModePage.Caching:
                new CachingPage(control switch { Current => writeCache, Changeable => true, _ => Options.WriteCache }).Write(target);
                return CachingPage.Length;
            case ModePage.Control:
                if (control == Changeable)
                {
                    new ControlPage(0, true, false, 0, 0, true, false, 0).Write(target);
                    return ControlPage.Length;
                }
                new ControlPage(DescriptorSense: control == Current && descriptorSense,
                    SoftwareWriteProtect: control == Current && softwareWriteProtect, TaskAbortedStatus: Options.ReportsTaskAborted).Write(target);
                return ControlPage.Length;
            default:
                new InformationalExceptionsPage(control != Changeable, 0).Write(target);
                return InformationalExceptionsPage.Length;
        }
    }

    private static Step CheckModeSelect(ScsiTask task)
    {
        var cdb = task.Cdb;
        if ((cdb[1] & 0x10) == 0) return Check(task, Sense.InvalidCdb(1, 4)); // PF: only the page format of the standard is known
        if ((cdb[1] & 0x01) != 0) return Check(task, Sense.InvalidCdb(1, 0)); // SP
        return cdb.ByteCount == 0 ? Step.End : BeginParameters(task, (int)cdb.ByteCount, Sense.ParameterListLength);
    }

    /// <summary>Checks the whole list, then applies it: all or nothing. SPC-4 §6.10.</summary>
    private Sense? ApplyModes(ScsiTask task, ReadOnlySpan<byte> list, bool ten)
    {
        if (!ModeHeader.TryRead(list, ten, out var header)) return Sense.ParameterListLength;
        var at = ModeHeader.Length(ten);
        var descriptorLength = header.IsLongLba ? BlockDescriptor.LongLength : BlockDescriptor.ShortLength;
        if (header.DescriptorLength != 0)
        {
            if (header.DescriptorLength != descriptorLength) return Sense.InvalidParameter(ten ? 6 : 3);
            if (!BlockDescriptor.TryRead(list[at..], header.IsLongLba, out var descriptor)) return Sense.ParameterListLength;
            if (!IsOurSize(descriptor, header.IsLongLba)) return Sense.InvalidParameter(at);
            at += descriptorLength;
        }
        var (cache, format, locked) = (writeCache, descriptorSense, softwareWriteProtect);
        Span<byte> current = stackalloc byte[MaxModeLength];
        Span<byte> mask = stackalloc byte[MaxModeLength];
        while (at < list.Length)
        {
            var rest = list[at..];
            if (!ModePage.TryRead(rest, out var page)) return Sense.ParameterListLength;
            if (page.IsSavable) return Sense.InvalidParameter(at, 7);
            if (page.HasSubpage || Array.IndexOf(ModePages, page.Code) < 0) return Sense.InvalidParameter(at, 5);
            var length = WritePage(current, page.Code, Current);
            WritePage(mask, page.Code, Changeable);
            if (page.TotalLength != length) return Sense.InvalidParameter(at + 1);
            if (rest.Length < length) return Sense.ParameterListLength;
            for (var i = 2; i < length; i++)
                if (((rest[i] ^ current[i]) & ~mask[i]) != 0) return Sense.InvalidParameter(at + i);
            if (page.Code == ModePage.Caching) cache = (rest[2] & CachingPage.WriteCacheBit) != 0;
            if (page.Code == ModePage.Control)
                (format, locked) = ((rest[2] & ControlPage.DescriptorSenseBit) != 0, (rest[4] & ControlPage.SoftwareWriteProtectBit) != 0);
            at += length;
        }
        if ((cache, format, locked) == (writeCache, descriptorSense, softwareWriteProtect)) return null;
        if (writeCache && !cache) backgroundFlush.Start(); // SBC-3 §6.5.5: what was cached goes to the medium
        (writeCache, descriptorSense, softwareWriteProtect) = (cache, format, locked);
        Establish(UnitAttention.ModeParametersChanged, except: task.Nexus);
        return null;
    }

    /// <summary>A block descriptor may repeat what is, or leave the count at zero or at all ones.</summary>
    private bool IsOurSize(BlockDescriptor descriptor, bool isLong) =>
        descriptor.BlockLength == BlockLength
        && (descriptor.Blocks == 0 || descriptor.Blocks == store.Blocks || descriptor.Blocks == (isLong ? ulong.MaxValue : uint.MaxValue));
}
