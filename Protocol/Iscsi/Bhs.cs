using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Weft.Protocol.Iscsi;

/// <summary>
/// Basic Header Segment: the 48 bytes that begin every iSCSI PDU. RFC 7143 §11.2.1. The PDU types are typed views of one, so that
/// reserved bytes a peer did set stay as they came and a PDU writes back to the same bytes.
/// </summary>
// 0 -:1 I:1 opcode:6 | 1 F:1 specific:7 | 2 specific | 4 TotalAHSLength (words) | 5 DataSegmentLength:24 | 8 LUN or specific | 16 ITT | 20 specific
[StructLayout(LayoutKind.Sequential)]
public struct Bhs : IEquatable<Bhs>
{
    public const int Length = 48;
    /// <summary>Largest value of the 24-bit length field.</summary>
    public const int MaxDataSegmentLength = 0xFF_FFFF;
    /// <summary>Largest AHS in bytes: 255 words.</summary>
    public const int MaxAhsLength = 255 * 4;

    private ulong w0, w1, w2, w3, w4, w5;

    [UnscopedRef]
    private Span<byte> Bytes => MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref w0, 6));

    public static bool TryRead(ReadOnlySpan<byte> source, out Bhs bhs)
    {
        bhs = default;
        if (source.Length < Length) return false;
        source[..Length].CopyTo(bhs.Bytes);
        return true;
    }

    public readonly void Write(Span<byte> target) => Unsafe.AsRef(in this).Bytes.CopyTo(target[..Length]);

    public byte this[int offset]
    {
        readonly get => Unsafe.AsRef(in this).Bytes[offset];
        set => Bytes[offset] = value;
    }

    public readonly ushort U16(int offset) => ReadUInt16BigEndian(Unsafe.AsRef(in this).Bytes[offset..]);
    public readonly uint U32(int offset) => ReadUInt32BigEndian(Unsafe.AsRef(in this).Bytes[offset..]);
    public readonly ulong U64(int offset) => ReadUInt64BigEndian(Unsafe.AsRef(in this).Bytes[offset..]);
    public void Set16(int offset, ushort value) => WriteUInt16BigEndian(Bytes[offset..], value);
    public void Set32(int offset, uint value) => WriteUInt32BigEndian(Bytes[offset..], value);
    public void Set64(int offset, ulong value) => WriteUInt64BigEndian(Bytes[offset..], value);

    /// <summary>Whether all bits of <paramref name="mask"/> are set in the byte at <paramref name="offset"/>.</summary>
    public readonly bool Has(int offset, byte mask) => (this[offset] & mask) == mask;
    public void SetBits(int offset, byte mask, bool on) => this[offset] = (byte)(on ? this[offset] | mask : this[offset] & ~mask);
    /// <summary>Replaces the bits of <paramref name="mask"/>, leaving the others.</summary>
    public void SetField(int offset, byte mask, int value) => this[offset] = (byte)((this[offset] & ~mask) | (value & mask));

    public IscsiOpcode Opcode
    {
        readonly get => (IscsiOpcode)(this[0] & 0x3F);
        set => SetField(0, 0x3F, (byte)value);
    }

    /// <summary>I bit: for delivery at once, without a place in the command order. RFC 7143 §11.2.1.1.</summary>
    public bool Immediate
    {
        readonly get => Has(0, 0x40);
        set => SetBits(0, 0x40, value);
    }

    public bool Final
    {
        readonly get => Has(1, 0x80);
        set => SetBits(1, 0x80, value);
    }

    /// <summary>Length of all AHSs in bytes, 0..1020, always a multiple of 4.</summary>
    public int AhsLength
    {
        readonly get => this[4] * 4;
        set
        {
            if (value is < 0 or > MaxAhsLength || (value & 3) != 0) throw new ArgumentOutOfRangeException(nameof(value), value, "AHS length");
            this[4] = (byte)(value / 4);
        }
    }

    /// <summary>Length of the data segment in bytes without padding, 0..2^24-1.</summary>
    public int DataSegmentLength
    {
        readonly get => (int)(U32(4) & 0xFF_FFFF);
        set
        {
            if (value is < 0 or > MaxDataSegmentLength) throw new ArgumentOutOfRangeException(nameof(value), value, "data segment length");
            Set32(4, (U32(4) & 0xFF00_0000) | (uint)value);
        }
    }

    /// <summary>Data segment length rounded up to whole words, as it takes on TCP.</summary>
    public readonly int PaddedDataLength => (DataSegmentLength + 3) & ~3;

    public TaskTag InitiatorTaskTag
    {
        readonly get => new(U32(16));
        set => Set32(16, value.Value);
    }

    public readonly bool Equals(Bhs other) =>
        w0 == other.w0 && w1 == other.w1 && w2 == other.w2 && w3 == other.w3 && w4 == other.w4 && w5 == other.w5;

    public override readonly bool Equals(object? obj) => obj is Bhs other && Equals(other);
    public override readonly int GetHashCode() => (int)((w0 ^ w1 ^ w2 ^ w3 ^ w4 ^ w5) * 0x9E37_79B9_7F4A_7C15 >> 32);
    public static bool operator ==(Bhs a, Bhs b) => a.Equals(b);
    public static bool operator !=(Bhs a, Bhs b) => !a.Equals(b);
    public override readonly string ToString() => PduText.Describe(this);
}
