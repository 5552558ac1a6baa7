using System.Text;

namespace Weft.Protocol.Iscsi.Text;

/// <summary>One <c>key=value</c> of a text data segment, without its NUL. RFC 7143 §6.1.</summary>
public readonly ref struct TextPair(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
{
    /// <summary>Longest key name. RFC 7143 §6.1.</summary>
    public const int MaxKeyLength = 63;
    /// <summary>Longest value unless the key says otherwise. RFC 7143 §6.1.</summary>
    public const int MaxValueLength = 255;
    /// <summary>Longest large binary value: 1024 bytes as hexadecimal with its prefix. RFC 7143 §12.1.3.</summary>
    public const int MaxBinaryValueLength = 2 + (2 * 1024);

    public ReadOnlySpan<byte> Key { get; } = key;
    public ReadOnlySpan<byte> Value { get; } = value;

    public string KeyText => Encoding.UTF8.GetString(Key);
    public string ValueText => Encoding.UTF8.GetString(Value);

    public bool Is(ReadOnlySpan<byte> key) => Key.SequenceEqual(key);
    public override string ToString() => $"{KeyText}={ValueText}";
}
