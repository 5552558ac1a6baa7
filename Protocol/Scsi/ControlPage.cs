using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>Mode page 0Ah: task sets, sense format, software write protection. SPC-4 §7.5.8.</summary>
/// <param name="TaskSetType">TST: 0 one task set for all nexuses, 1 one for each.</param>
/// <param name="DescriptorSense">D_SENSE.</param>
/// <param name="QueueAlgorithm">QAM: 0 restricted reordering of simple commands, 1 unrestricted.</param>
/// <param name="QueueError">QERR.</param>
/// <param name="SoftwareWriteProtect">SWP.</param>
/// <param name="TaskAbortedStatus">TAS: commands aborted by another nexus end with TASK ABORTED.</param>
/// <param name="BusyTimeout">Units of 100 ms, FFFFh unlimited.</param>
// 2 TST:3 TMF_ONLY DPICZ D_SENSE GLTSD RLEC | 3 QAM:4 NUAR QERR:2 | 4 RAC UA_INTLCK:2 SWP | 5 ATO TAS ... AUTOLOAD:3 | 8 busy timeout:16
public readonly record struct ControlPage(
    byte TaskSetType = 0, bool DescriptorSense = false, bool DisableSavingLogs = true, byte QueueAlgorithm = 1, byte QueueError = 0,
    bool SoftwareWriteProtect = false, bool TaskAbortedStatus = true, ushort BusyTimeout = 0xFFFF, ushort SelfTestSeconds = 0)
{
    public const int Length = 12;
    public const byte DescriptorSenseBit = 0x04, SoftwareWriteProtectBit = 0x08;

    public static bool TryRead(ReadOnlySpan<byte> source, out ControlPage page)
    {
        page = default;
        if (source.Length < Length || (source[0] & 0x7F) != ModePage.Control) return false;
        page = new((byte)(source[2] >> 5), (source[2] & DescriptorSenseBit) != 0, (source[2] & 0x02) != 0, (byte)(source[3] >> 4),
            (byte)(source[3] >> 1 & 3), (source[4] & SoftwareWriteProtectBit) != 0, (source[5] & 0x40) != 0, ReadUInt16BigEndian(source[8..]),
            ReadUInt16BigEndian(source[10..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        new ModePage(ModePage.Control, 0, false, false, Length - 2).Write(target);
        target[2] = (byte)(TaskSetType << 5 | (DescriptorSense ? DescriptorSenseBit : 0) | (DisableSavingLogs ? 0x02 : 0));
        target[3] = (byte)(QueueAlgorithm << 4 | QueueError << 1);
        target[4] = SoftwareWriteProtect ? SoftwareWriteProtectBit : (byte)0;
        target[5] = (byte)(TaskAbortedStatus ? 0x40 : 0);
        WriteUInt16BigEndian(target[8..], BusyTimeout);
        WriteUInt16BigEndian(target[10..], SelfTestSeconds);
    }
}
