using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>VPD page 86h. SPC-4 §7.8.7.</summary>
/// <param name="HeadOfQueue">HEADSUP. <paramref name="Ordered"/>: ORDSUP. <paramref name="Simple"/>: SIMPSUP.</param>
/// <param name="NonVolatileCache">NV_SUP. <paramref name="VolatileCache"/>: V_SUP.</param>
/// <param name="ClearsAttentionPerNexus">LUICLR: unit attentions are cleared per I_T nexus.</param>
/// <param name="MaxSense">Longest sense data, 0 = 252 or less.</param>
// 4 ACTIVATE:2 SPT:3 GRD APP REF | 5 UASK GROUP PRIOR HEAD ORD SIMP | 6 WU CRD NV V | 7 LUICLR | 10 self test minutes | 13 max sense
public readonly record struct ExtendedInquiry(
    bool HeadOfQueue, bool Ordered, bool Simple, bool NonVolatileCache, bool VolatileCache, bool UnitAttentionSenseKey = false,
    bool ClearsAttentionPerNexus = false, ushort SelfTestMinutes = 0, byte MaxSense = 0)
{
    public const int Length = 64;

    public static bool TryRead(ReadOnlySpan<byte> source, out ExtendedInquiry page)
    {
        page = default;
        if (!VpdPage.TryBody(source, VpdPage.ExtendedInquiry, out var body) || body.Length < 4) return false;
        page = new((body[1] & 4) != 0, (body[1] & 2) != 0, (body[1] & 1) != 0, (body[2] & 2) != 0, (body[2] & 1) != 0, (body[1] & 0x20) != 0,
            (body[3] & 1) != 0, body.Length >= 8 ? ReadUInt16BigEndian(body[6..]) : (ushort)0, body.Length >= 10 ? body[9] : (byte)0);
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        new VpdPage(0, VpdPage.ExtendedInquiry, Length - VpdPage.Length).Write(target);
        target[5] = (byte)((UnitAttentionSenseKey ? 0x20 : 0) | (HeadOfQueue ? 4 : 0) | (Ordered ? 2 : 0) | (Simple ? 1 : 0));
        target[6] = (byte)((NonVolatileCache ? 2 : 0) | (VolatileCache ? 1 : 0));
        target[7] = (byte)(ClearsAttentionPerNexus ? 1 : 0);
        WriteUInt16BigEndian(target[10..], SelfTestMinutes);
        target[13] = MaxSense;
    }
}
