namespace Weft.Protocol.Iscsi;

/// <summary>Reading and writing that all PDU types share.</summary>
public static class Pdu
{
    /// <summary>Reads a header of one kind; false if the bytes are too few or the opcode is another.</summary>
    public static bool TryRead<T>(ReadOnlySpan<byte> source, out T pdu)
        where T : struct, IPdu<T>
    {
        if (!Bhs.TryRead(source, out var bhs) || bhs.Opcode != T.Opcode)
        {
            pdu = default;
            return false;
        }
        pdu = new T { Bhs = bhs };
        return true;
    }

    /// <summary>Looks at a header as one kind; false if its opcode is another.</summary>
    public static bool TryView<T>(in Bhs bhs, out T pdu)
        where T : struct, IPdu<T>
    {
        pdu = bhs.Opcode == T.Opcode ? new T { Bhs = bhs } : default;
        return bhs.Opcode == T.Opcode;
    }
}
