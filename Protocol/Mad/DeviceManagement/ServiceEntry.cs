using System.Buffers.Binary;

namespace Weft.Protocol.Mad.DeviceManagement;

/// <summary>A service of an I/O controller: 48 bytes, four of them in a MAD. IBA Vol 1 §16.3.3.5.</summary>
/// <param name="Name">At most 40 bytes; SRP targets are called <c>SRP.T10:</c> and 16 hexadecimal digits.</param>
public readonly record struct ServiceEntry(string Name, ulong ServiceId)
{
    public const int Length = 48;
    public const string SrpPrefix = "SRP.T10:";
    private const int NameLength = 40;

    /// <summary>The id_ext of an SRP target, as its name has it; null for other services.</summary>
    public string? IdExt => Name.StartsWith(SrpPrefix, StringComparison.Ordinal) ? Name[SrpPrefix.Length..] : null;

    public static bool TryRead(ReadOnlySpan<byte> source, out ServiceEntry entry)
    {
        entry = default;
        if (source.Length < Length) return false;
        entry = new(MadText.Read(source[..NameLength]), BinaryPrimitives.ReadUInt64BigEndian(source[NameLength..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        MadText.Write(target[..NameLength], Name);
        BinaryPrimitives.WriteUInt64BigEndian(target[NameLength..], ServiceId);
    }
}
