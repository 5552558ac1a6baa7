using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>Mode page 1Ch: how failure predictions are reported. SPC-4 §7.5.11.</summary>
/// <param name="IsDisabled">DEXCPT.</param>
/// <param name="Method">MRIE, 0 none .. 6 on request.</param>
// 2 PERF EBF EWASC DEXCPT TEST EBACKERR LOGERR | 3 MRIE:4 | 4 interval:32 | 8 report count:32
public readonly record struct InformationalExceptionsPage(bool IsDisabled, byte Method, uint Interval = 0, uint ReportCount = 0)
{
    public const int Length = 12;

    public static bool TryRead(ReadOnlySpan<byte> source, out InformationalExceptionsPage page)
    {
        page = default;
        if (source.Length < Length || (source[0] & 0x7F) != ModePage.InformationalExceptions) return false;
        page = new((source[2] & 0x08) != 0, (byte)(source[3] & 0x0F), ReadUInt32BigEndian(source[4..]), ReadUInt32BigEndian(source[8..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        new ModePage(ModePage.InformationalExceptions, 0, false, false, Length - 2).Write(target);
        (target[2], target[3]) = ((byte)(IsDisabled ? 0x08 : 0), (byte)(Method & 0x0F));
        WriteUInt32BigEndian(target[4..], Interval);
        WriteUInt32BigEndian(target[8..], ReportCount);
    }
}
