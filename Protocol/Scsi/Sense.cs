using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>
/// Sense data: why a command ended with CHECK CONDITION. One value, two encodings: fixed (18 bytes) and descriptor. SPC-4 §4.5.
/// </summary>
/// <param name="Information">Command's own number: the LBA of a medium error, the byte offset of a miscompare.</param>
/// <param name="Field">For ILLEGAL REQUEST: the refused field.</param>
/// <param name="IsDeferred">The error belongs to an earlier command (response codes 71h and 73h).</param>
public readonly record struct Sense(
    SenseKey Key, AdditionalSense Additional, ulong? Information = null, FieldPointer? Field = null, ulong? CommandSpecific = null,
    bool IsDeferred = false)
{
    public const int FixedLength = 18;
    /// <summary>Header and the three descriptors that this type knows.</summary>
    public const int MaxDescriptorLength = 8 + 12 + 12 + 8;

    public static readonly Sense None;
    public static readonly Sense InvalidOpcode = new(SenseKey.IllegalRequest, AdditionalSense.InvalidOpcode, Field: FieldPointer.Cdb(0));
    public static readonly Sense LbaOutOfRange = new(SenseKey.IllegalRequest, AdditionalSense.LbaOutOfRange);
    public static readonly Sense LunNotSupported = new(SenseKey.IllegalRequest, AdditionalSense.LunNotSupported);
    public static readonly Sense ParameterListLength = new(SenseKey.IllegalRequest, AdditionalSense.ParameterListLength);
    public static readonly Sense WriteProtected = new(SenseKey.DataProtect, AdditionalSense.WriteProtected);
    public static readonly Sense InternalFailure = new(SenseKey.HardwareError, AdditionalSense.InternalFailure);

    public static Sense InvalidCdb(int offset, int bit = -1) =>
        new(SenseKey.IllegalRequest, AdditionalSense.InvalidFieldInCdb, Field: FieldPointer.Cdb(offset, bit));

    public static Sense InvalidParameter(int offset, int bit = -1) =>
        new(SenseKey.IllegalRequest, AdditionalSense.InvalidFieldInParameterList, Field: FieldPointer.Parameter(offset, bit));

    public static Sense Attention(AdditionalSense additional) => new(SenseKey.UnitAttention, additional);

    /// <summary>Bytes that <see cref="Write"/> will fill.</summary>
    public int EncodedLength(bool descriptor) =>
        !descriptor ? FixedLength : 8 + (Information is null ? 0 : 12) + (CommandSpecific is null ? 0 : 12) + (Field is null ? 0 : 8);

    /// <summary>Writes fixed or descriptor format. A number too large for the fixed format is left out there, as SPC-4 §4.5.3 says.</summary>
    /// <returns>Bytes written.</returns>
    public int Write(Span<byte> target, bool descriptor = false)
    {
        var length = EncodedLength(descriptor);
        target = target[..length];
        target.Clear();
        if (descriptor) WriteDescriptors(target);
        else WriteFixed(target);
        return length;
    }

    // 0 valid:1 code:7 | 2 ILI etc. key:4 | 3 information:32 | 7 additional length | 8 command specific:32 | 12 ASC | 13 ASCQ | 15 SKS:24
    private void WriteFixed(Span<byte> target)
    {
        target[0] = (byte)(IsDeferred ? 0x71 : 0x70);
        target[2] = (byte)Key;
        if (Information is <= uint.MaxValue)
        {
            target[0] |= 0x80;
            WriteUInt32BigEndian(target[3..], (uint)Information);
        }
        target[7] = FixedLength - 8;
        if (CommandSpecific is <= uint.MaxValue) WriteUInt32BigEndian(target[8..], (uint)CommandSpecific);
        (target[12], target[13]) = (Additional.Code, Additional.Qualifier);
        Field?.Write(target[15..]);
    }

    private void WriteDescriptors(Span<byte> target)
    {
        (target[0], target[1], target[2], target[3]) = ((byte)(IsDeferred ? 0x73 : 0x72), (byte)Key, Additional.Code, Additional.Qualifier);
        target[7] = (byte)(target.Length - 8);
        var at = 8;
        if (Information is { } information) // type 0, SPC-4 §4.5.2.2
        {
            (target[at + 1], target[at + 2]) = (0x0A, 0x80);
            WriteUInt64BigEndian(target[(at + 4)..], information);
            at += 12;
        }
        if (CommandSpecific is { } specific) // type 1, §4.5.2.3
        {
            (target[at], target[at + 1]) = (0x01, 0x0A);
            WriteUInt64BigEndian(target[(at + 4)..], specific);
            at += 12;
        }
        if (Field is { } field) // type 2, §4.5.2.4
        {
            (target[at], target[at + 1]) = (0x02, 0x06);
            field.Write(target[(at + 4)..]);
        }
    }

    /// <summary>
    /// Reads either format. Data cut short by an allocation length still gives what is there; false when not even the key is, or the
    /// response code is not 70h..73h.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out Sense sense)
    {
        sense = default;
        if (source.Length < 3) return false;
        switch (source[0] & 0x7F)
        {
            case 0x70 or 0x71:
                sense = ReadFixed(source);
                return true;
            case 0x72 or 0x73:
                sense = ReadDescriptors(source);
                return true;
            default:
                return false;
        }
    }

    private static Sense ReadFixed(ReadOnlySpan<byte> source)
    {
        if (source.Length >= 8 && source.Length > 8 + source[7]) source = source[..(8 + source[7])];
        var additional = source.Length > 12 ? new AdditionalSense(source[12], source.Length > 13 ? source[13] : (byte)0) : default;
        ulong? information = (source[0] & 0x80) != 0 && source.Length >= 7 ? ReadUInt32BigEndian(source[3..]) : null;
        ulong? specific = source.Length >= 12 && ReadUInt32BigEndian(source[8..]) is > 0 and var value ? value : null;
        FieldPointer? field = source.Length >= FixedLength && FieldPointer.TryRead(source[15..], out var pointer) ? pointer : null;
        return new((SenseKey)(source[2] & 0x0F), additional, information, field, specific, (source[0] & 1) != 0);
    }

    private static Sense ReadDescriptors(ReadOnlySpan<byte> source)
    {
        var sense = new Sense((SenseKey)(source[1] & 0x0F), new(source[2], source.Length > 3 ? source[3] : (byte)0), IsDeferred: (source[0] & 1) != 0);
        if (source.Length < 8) return sense;
        var rest = source.Length > 8 + source[7] ? source[8..(8 + source[7])] : source[8..];
        while (rest.Length >= 2 && rest.Length >= 2 + rest[1])
        {
            var body = rest[..(2 + rest[1])];
            if (body[0] == 0 && body.Length >= 12 && (body[2] & 0x80) != 0) sense = sense with { Information = ReadUInt64BigEndian(body[4..]) };
            if (body[0] == 1 && body.Length >= 12) sense = sense with { CommandSpecific = ReadUInt64BigEndian(body[4..]) };
            if (body[0] == 2 && body.Length >= 8 && FieldPointer.TryRead(body[4..], out var pointer)) sense = sense with { Field = pointer };
            rest = rest[body.Length..];
        }
        return sense;
    }

    public override string ToString()
    {
        var text = $"{Key} {Additional.Code:x2}/{Additional.Qualifier:x2} ({Additional})";
        if (Field is { } field) text += $", {field}";
        if (Information is { } information) text += $", information {information:#,0}";
        return IsDeferred ? "deferred " + text : text;
    }
}
