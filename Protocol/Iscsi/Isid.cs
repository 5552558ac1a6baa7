namespace Weft.Protocol.Iscsi;

/// <summary>Initiator session identifier: 48 bits, whose top two say how the naming part is made. RFC 7143 §11.12.5.</summary>
public readonly record struct Isid
{
    public const ulong Mask = 0xFFFF_FFFF_FFFF;
    public ulong Value { get; }
    public Isid(ulong value) => Value = value & Mask;

    public IsidType Type => (IsidType)(Value >> 46);

    /// <summary>Form 0: a 22-bit OUI part and a 24-bit qualifier, as open-iscsi makes it (OUI 0x023d00 is its own).</summary>
    public static Isid FromOui(uint oui, uint qualifier) => new(((ulong)(oui & 0x3F_FFFF) << 24) | (qualifier & 0xFF_FFFF));

    /// <summary>Form 2: 24 random bits and a 16-bit qualifier, as libiscsi makes it.</summary>
    public static Isid FromRandom(uint random, ushort qualifier) => new((2UL << 46) | ((ulong)(random & 0xFF_FFFF) << 16) | qualifier);

    public override string ToString() => $"{Value:x12}";
}
