using Weft.Protocol.Iscsi;

namespace Weft.Protocol.Iser;

/// <summary>What one SEND carries: iSER header, and for a control message the iSCSI PDU. RFC 7145 §9.1.</summary>
public readonly ref struct IserMessage
{
    private IserMessage(IserHeader header, PduView pdu)
    {
        Header = header;
        Pdu = pdu;
    }

    /// <summary>Bytes before the AHS or data: 28 + 48.</summary>
    public const int HeadersLength = IserHeader.Length + Bhs.Length;

    public IserHeader Header { get; }
    /// <summary>The PDU; meaningless if the header is not <see cref="IserHeader.IsControl"/>.</summary>
    public PduView Pdu { get; }
    public int TotalLength => IserHeader.Length + (Header.IsControl ? Pdu.TotalLength : 0);

    /// <summary>Reads a whole message. Hello and HelloReply give a header alone: read them with <see cref="IserHello"/>.</summary>
    public static Violation? TryRead(ReadOnlySpan<byte> source, out IserMessage message)
    {
        message = default;
        if (!IserHeader.TryRead(source, out var header))
            return new("iser-length", "RFC 7145 §9.1", $"{source.Length} bytes, a header has {IserHeader.Length}");
        switch (header.Opcode)
        {
            case IserFlags.Control:
                if (PduView.TryRead(source[IserHeader.Length..], out var pdu) is { } violation) return violation;
                message = new(header, pdu);
                return null;
            case IserFlags.Hello or IserFlags.HelloReply:
                message = new(header, default);
                return null;
            default:
                return new("iser-opcode", "RFC 7145 §9.1", $"first byte 0x{(byte)header.Flags:x2}");
        }
    }

    /// <summary>Writes it back and returns the length.</summary>
    public int Write(Span<byte> target)
    {
        Header.Write(target);
        return IserHeader.Length + (Header.IsControl ? Pdu.Write(target[IserHeader.Length..]) : 0);
    }

    public override string ToString() => Header.IsControl ? $"{Header} {Pdu.ToString()}" : Header.ToString();
}
