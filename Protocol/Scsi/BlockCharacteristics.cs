using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>VPD page B1h. SBC-3 §6.6.2.</summary>
/// <param name="RotationRate">0 not reported, 1 non-rotating, otherwise revolutions per minute.</param>
/// <param name="FormFactor">0 not reported, 1 5.25", 2 3.5", 3 2.5", 4 1.8", 5 smaller.</param>
// 4 rotation rate:16 | 6 product type | 7 WABEREQ:2 WACEREQ:2 form factor:4 | 8 FUAB VBULS
public readonly record struct BlockCharacteristics(ushort RotationRate = 1, byte FormFactor = 0, byte ProductType = 0)
{
    public const int Length = 64;
    public const ushort NonRotating = 1;

    public static bool TryRead(ReadOnlySpan<byte> source, out BlockCharacteristics page)
    {
        page = default;
        if (!VpdPage.TryBody(source, VpdPage.BlockCharacteristics, out var body) || body.Length < 4) return false;
        page = new(ReadUInt16BigEndian(body), (byte)(body[3] & 0x0F), body[2]);
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        new VpdPage(0, VpdPage.BlockCharacteristics, Length - VpdPage.Length).Write(target);
        WriteUInt16BigEndian(target[4..], RotationRate);
        (target[6], target[7]) = (ProductType, (byte)(FormFactor & 0x0F));
    }
}
