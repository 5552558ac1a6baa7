namespace Weft.Protocol.Scsi;

/// <summary>VPD page B2h, logical block provisioning. SBC-3 §6.6.4.</summary>
/// <param name="Unmap">LBPU: UNMAP works.</param>
/// <param name="WriteSame16">LBPWS: WRITE SAME(16) with UNMAP works.</param>
/// <param name="WriteSame10">LBPWS10: WRITE SAME(10) with UNMAP works.</param>
/// <param name="ReadsZeros">LBPRZ: unmapped blocks read as zeros.</param>
/// <param name="Anchors">ANC_SUP.</param>
/// <param name="Type">0 fully provisioned, 1 resource, 2 thin.</param>
// 4 threshold exponent | 5 LBPU LBPWS LBPWS10 LBPRZ:3 ANC_SUP DP | 6 type:3
public readonly record struct Provisioning(bool Unmap, bool WriteSame16, bool WriteSame10, bool ReadsZeros, bool Anchors = false, byte Type = 0)
{
    public const int Length = 8;

    public static bool TryRead(ReadOnlySpan<byte> source, out Provisioning page)
    {
        page = default;
        if (!VpdPage.TryBody(source, VpdPage.Provisioning, out var body) || body.Length < 3) return false;
        page = new((body[1] & 0x80) != 0, (body[1] & 0x40) != 0, (body[1] & 0x20) != 0, (body[1] & 0x04) != 0, (body[1] & 0x02) != 0,
            (byte)(body[2] & 7));
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        new VpdPage(0, VpdPage.Provisioning, Length - VpdPage.Length).Write(target);
        target[5] = (byte)((Unmap ? 0x80 : 0) | (WriteSame16 ? 0x40 : 0) | (WriteSame10 ? 0x20 : 0) | (ReadsZeros ? 0x04 : 0) | (Anchors ? 0x02 : 0));
        target[6] = (byte)(Type & 7);
    }
}
