using System.Buffers;
using System.Buffers.Text;

namespace Weft.Protocol.Iscsi.Text;

/// <summary>Values of text keys as RFC 7143 §6.1 writes them.</summary>
public static class TextValue
{
    /// <summary>A number: decimal, or hexadecimal after 0x. Nothing before or after it.</summary>
    public static bool TryReadNumber(ReadOnlySpan<byte> value, out ulong number)
    {
        number = 0;
        if (IsHex(value)) return value.Length <= 18 && Utf8Parser.TryParse(value[2..], out number, out var hex, 'x') && hex == value.Length - 2;
        return value.Length is > 0 and <= 20 && value[0] != (byte)'+' && Utf8Parser.TryParse(value, out number, out var used) && used == value.Length;
    }

    public static bool TryReadBoolean(ReadOnlySpan<byte> value, out bool result)
    {
        result = value.SequenceEqual("Yes"u8);
        return result || value.SequenceEqual("No"u8);
    }

    /// <summary>Binary: hexadecimal of either case after 0x, or base64 after 0b. False if malformed or longer than the target.</summary>
    public static bool TryReadBinary(ReadOnlySpan<byte> value, Span<byte> target, out int length)
    {
        length = 0;
        if (IsHex(value))
        {
            var digits = value[2..];
            if (digits.IsEmpty || (digits.Length + 1) / 2 > target.Length) return false;
            if ((digits.Length & 1) != 0) // a leading zero may be left out
            {
                if (!IsHexDigit(digits[0])) return false;
                target[0] = (byte)((digits[0] & 0xF) + (digits[0] > '9' ? 9 : 0));
                digits = digits[1..];
                length = 1;
            }
            foreach (var digit in digits)
                if (!IsHexDigit(digit)) return false;
            if (Convert.FromHexString(digits, target[length..], out _, out var n) != OperationStatus.Done) return false;
            length += n;
            return true;
        }
        if (value.Length > 2 && value[0] == '0' && value[1] is (byte)'b' or (byte)'B')
        {
            var text = value[2..];
            foreach (var c in text) // the decoder would pass over white space
                if (!char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'+' or (byte)'/' or (byte)'=')) return false;
            return Base64.DecodeFromUtf8(text, target, out var used, out length) == OperationStatus.Done && used == text.Length && length > 0;
        }
        return false;
    }

    /// <summary>Whether a comma-separated list holds an element.</summary>
    public static bool ListContains(ReadOnlySpan<byte> list, ReadOnlySpan<byte> element)
    {
        foreach (var range in list.Split((byte)','))
            if (list[range].SequenceEqual(element)) return true;
        return false;
    }

    private static bool IsHex(ReadOnlySpan<byte> value) => value.Length > 2 && value[0] == '0' && value[1] is (byte)'x' or (byte)'X';
    private static bool IsHexDigit(byte b) => char.IsAsciiHexDigit((char)b);
}
