using static System.Buffers.Binary.BinaryPrimitives;

namespace Weft.Protocol.Scsi;

/// <summary>Answers of REPORT SUPPORTED OPERATION CODES. SPC-4 §6.27.</summary>
public static class SupportedOpcodes
{
    public const int HeaderLength = 4, DescriptorLength = 8, TimeoutLength = 12;
    public const int NotSupported = 1, Supported = 3;

    /// <summary>Bytes of the answer to "all commands".</summary>
    public static int LengthForAll(int commands, bool timeouts) => HeaderLength + commands * (DescriptorLength + (timeouts ? TimeoutLength : 0));

    public static void WriteHeader(Span<byte> target, int total) => WriteUInt32BigEndian(target, (uint)(total - HeaderLength));

    /// <summary>Command descriptor: 0 operation code, 2 service action, 5 CTDP SERVACTV, 6 CDB size; then perhaps no-information timeouts.</summary>
    public static int WriteDescriptor(Span<byte> target, CommandInfo command, bool timeouts)
    {
        var length = DescriptorLength + (timeouts ? TimeoutLength : 0);
        target[..length].Clear();
        target[0] = (byte)command.Opcode;
        if (command.HasAction) WriteUInt16BigEndian(target[2..], (ushort)command.Action);
        target[5] = (byte)((timeouts ? 2 : 0) | (command.HasAction ? 1 : 0));
        WriteUInt16BigEndian(target[6..], (ushort)command.Size);
        if (timeouts) WriteUInt16BigEndian(target[8..], 0x0A);
        return length;
    }

    /// <summary>One command: 1 CTDP and support, 2 CDB size, 4 usage data; then perhaps timeouts. Null: the command is not supported.</summary>
    public static int WriteOne(Span<byte> target, CommandInfo? command, ReadOnlySpan<byte> usage, bool timeouts)
    {
        if (command is null)
        {
            (target[0], target[1], target[2], target[3]) = (0, NotSupported, 0, 0);
            return HeaderLength;
        }
        var length = HeaderLength + usage.Length + (timeouts ? TimeoutLength : 0);
        target[..length].Clear();
        target[1] = (byte)((timeouts ? 0x80 : 0) | Supported);
        WriteUInt16BigEndian(target[2..], (ushort)usage.Length);
        usage.CopyTo(target[HeaderLength..]);
        if (timeouts) WriteUInt16BigEndian(target[(HeaderLength + usage.Length)..], 0x0A);
        return length;
    }

    /// <summary>Takes the next command off the descriptors behind the header of "all commands". An action of -1: the command has none.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> rest, out ScsiOpcode opcode, out int action, out int size)
    {
        (opcode, action, size) = (0, -1, 0);
        if (rest.Length < DescriptorLength) return false;
        var length = DescriptorLength + ((rest[5] & 2) != 0 ? TimeoutLength : 0);
        if (rest.Length < length) return false;
        (opcode, size) = ((ScsiOpcode)rest[0], ReadUInt16BigEndian(rest[6..]));
        if ((rest[5] & 1) != 0) action = ReadUInt16BigEndian(rest[2..]);
        rest = rest[length..];
        return true;
    }

    /// <summary>Reads the one-command answer: what kind of support, and the usage data as far as it arrived.</summary>
    public static bool TryReadOne(ReadOnlySpan<byte> source, out int support, out ReadOnlySpan<byte> usage)
    {
        support = 0;
        usage = default;
        if (source.Length < HeaderLength) return false;
        support = source[1] & 7;
        if (support is Supported or 5) usage = source[HeaderLength..Math.Min(source.Length, HeaderLength + ReadUInt16BigEndian(source[2..]))];
        return true;
    }
}
