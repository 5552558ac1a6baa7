using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Weft.Protocol.Nbd;

/// <summary>
/// Server half of the fixed newstyle handshake: options in, answers out. NBD protocol, "Newstyle negotiation". It offers simple replies
/// only; TLS, structured replies and metadata contexts are declined as the protocol says.
/// </summary>
public sealed class NbdHandshake
{
    public const ulong Magic = 0x4E42_444D_4147_4943, OptionMagic = 0x4948_4156_454F_5054, ReplyMagic = 0x0003_E889_0455_65A9;
    /// <summary>Bits of the handshake flags, both ways: options after the first are answered one by one; no padding after EXPORT_NAME.</summary>
    public const ushort FixedNewstyle = 1, NoZeroes = 2;
    public const int OptionHeaderLength = 16, ReplyHeaderLength = 20;
    /// <summary>Longest data of an option that is read; a name may be 4096 bytes long, and information requests follow it.</summary>
    public const int MaxOptionLength = 8192;
    private const int Padding = 124;

    private readonly NbdExport export;
    private readonly ArrayBufferWriter<byte> output = new(512);
    private uint clientFlags;
    private ulong skip;

    public NbdHandshake(NbdExport export)
    {
        this.export = export;
        Put64(Magic);
        Put64(OptionMagic);
        Put16(FixedNewstyle | NoZeroes);
    }

    public NbdHandshakeState State { get; private set; } = NbdHandshakeState.ClientFlags;
    /// <summary>Answers that are not sent yet.</summary>
    public ReadOnlySpan<byte> Output => output.WrittenSpan;

    /// <summary>The answers were taken.</summary>
    public void ClearOutput() => output.ResetWrittenCount();

    /// <summary>Takes the next whole message from the front of what has arrived.</summary>
    /// <returns>Bytes taken; 0 when more must arrive first, or when the handshake has ended.</returns>
    public int Take(ReadOnlySpan<byte> input)
    {
        if (skip > 0)
        {
            var skipped = (int)Math.Min(skip, (ulong)input.Length);
            skip -= (uint)skipped;
            return skipped;
        }
        return State switch
        {
            NbdHandshakeState.ClientFlags when input.Length >= 4 => TakeFlags(input),
            NbdHandshakeState.Options when input.Length >= OptionHeaderLength => TakeOption(input),
            _ => 0,
        };
    }

    private int TakeFlags(ReadOnlySpan<byte> input)
    {
        clientFlags = BinaryPrimitives.ReadUInt32BigEndian(input);
        // A client that knows flags that we do not offer expects what we cannot do.
        State = (clientFlags & ~(uint)(FixedNewstyle | NoZeroes)) == 0 ? NbdHandshakeState.Options : NbdHandshakeState.Closed;
        return 4;
    }

    private int TakeOption(ReadOnlySpan<byte> input)
    {
        var option = (NbdOption)BinaryPrimitives.ReadUInt32BigEndian(input[8..]);
        var length = BinaryPrimitives.ReadUInt32BigEndian(input[12..]);
        if (BinaryPrimitives.ReadUInt64BigEndian(input) != OptionMagic) return Close(OptionHeaderLength);
        if (length > MaxOptionLength)
        {
            if (option == NbdOption.ExportName) return Close(OptionHeaderLength);
            skip = length;
            Reply(option, NbdOptionReply.TooBig, "the option is too long");
            return OptionHeaderLength;
        }
        var whole = OptionHeaderLength + (int)length;
        if (input.Length < whole) return 0;
        Answer(option, input[OptionHeaderLength..whole]);
        return whole;
    }

    private void Answer(NbdOption option, ReadOnlySpan<byte> data)
    {
        switch (option)
        {
            case NbdOption.ExportName:
                AnswerExportName(data);
                break;
            case var _ when (clientFlags & FixedNewstyle) == 0:
                State = NbdHandshakeState.Closed; // plain newstyle has no answers, and only that one option
                break;
            case NbdOption.Abort:
                Reply(option, NbdOptionReply.Ack);
                State = NbdHandshakeState.Closed;
                break;
            case NbdOption.List when data.IsEmpty:
                AnswerList();
                break;
            case NbdOption.List:
                Reply(option, NbdOptionReply.Invalid, "LIST has no data");
                break;
            case NbdOption.Info or NbdOption.Go:
                AnswerInfo(option, data);
                break;
            default:
                Reply(option, NbdOptionReply.Unsupported);
                break;
        }
    }

    private void AnswerExportName(ReadOnlySpan<byte> name)
    {
        if (!IsOurs(name))
        {
            State = NbdHandshakeState.Closed; // the protocol leaves no other answer
            return;
        }
        Put64(export.Size);
        Put16((ushort)export.Flags);
        if ((clientFlags & NoZeroes) == 0)
        {
            output.GetSpan(Padding)[..Padding].Clear();
            output.Advance(Padding);
        }
        State = NbdHandshakeState.Transmission;
    }

    private void AnswerList()
    {
        var name = Encoding.UTF8.GetBytes(export.Name);
        ReplyHeader(NbdOption.List, NbdOptionReply.Server, 4 + name.Length);
        Put32((uint)name.Length);
        output.Write(name);
        Reply(NbdOption.List, NbdOptionReply.Ack);
    }

    // 0 name length:32 | 4 name | number of requests:16 | requests, 16 each
    private void AnswerInfo(NbdOption option, ReadOnlySpan<byte> data)
    {
        var nameLength = data.Length < 6 ? uint.MaxValue : BinaryPrimitives.ReadUInt32BigEndian(data);
        if (nameLength > data.Length - 6 || data.Length - 6 - nameLength != 2L * BinaryPrimitives.ReadUInt16BigEndian(data[(4 + (int)nameLength)..]))
        {
            Reply(option, NbdOptionReply.Invalid, "lengths do not add up");
            return;
        }
        if (!IsOurs(data.Slice(4, (int)nameLength)))
        {
            Reply(option, NbdOptionReply.Unknown, $"the only export is '{export.Name}'");
            return;
        }
        ReplyHeader(option, NbdOptionReply.Info, 12);
        Put16((ushort)NbdInfo.Export);
        Put64(export.Size);
        Put16((ushort)export.Flags);
        // Told whether asked for or not: it costs nothing, and a client may ignore what it did not ask for.
        ReplyHeader(option, NbdOptionReply.Info, 14);
        Put16((ushort)NbdInfo.BlockSize);
        Put32(export.MinBlock);
        Put32(export.PreferredBlock);
        Put32(NbdExport.MaxPayload);
        for (var requests = data[(6 + (int)nameLength)..]; requests.Length >= 2; requests = requests[2..])
        {
            var wanted = (NbdInfo)BinaryPrimitives.ReadUInt16BigEndian(requests);
            if (wanted is NbdInfo.Name) ReplyText(option, wanted, export.Name);
            else if (wanted is NbdInfo.Description) ReplyText(option, wanted, export.Description);
        }
        Reply(option, NbdOptionReply.Ack);
        if (option == NbdOption.Go) State = NbdHandshakeState.Transmission;
    }

    private bool IsOurs(ReadOnlySpan<byte> name) => name.IsEmpty || name.SequenceEqual(Encoding.UTF8.GetBytes(export.Name));

    private int Close(int taken)
    {
        State = NbdHandshakeState.Closed;
        return taken;
    }

    private void Reply(NbdOption option, NbdOptionReply reply, string text = "")
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        ReplyHeader(option, reply, bytes.Length);
        output.Write(bytes);
    }

    private void ReplyText(NbdOption option, NbdInfo info, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        ReplyHeader(option, NbdOptionReply.Info, 2 + bytes.Length);
        Put16((ushort)info);
        output.Write(bytes);
    }

    // 0 magic:64 | 8 option:32 | 12 type:32 | 16 length:32
    private void ReplyHeader(NbdOption option, NbdOptionReply reply, int length)
    {
        Put64(ReplyMagic);
        Put32((uint)option);
        Put32((uint)reply);
        Put32((uint)length);
    }

    private void Put16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(output.GetSpan(2), value);
        output.Advance(2);
    }

    private void Put32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    private void Put64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(output.GetSpan(8), value);
        output.Advance(8);
    }
}
