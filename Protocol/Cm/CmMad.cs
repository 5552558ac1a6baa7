using Weft.Protocol.Mad;

namespace Weft.Protocol.Cm;

/// <summary>CM messages as whole management datagrams: class 7, class version 2, method Send for every message. IBA Vol 1 §16.7.</summary>
public static class CmMad
{
    /// <summary>Bytes of the datagram, header and message.</summary>
    public const int Length = MadHeader.MadLength;
    public const byte ClassVersion = 2;

    /// <summary>The header of a message.</summary>
    public static MadHeader Header(CmAttribute attribute, ulong transactionId) =>
        new(MadClass.CommunicationManagement, ClassVersion, MadMethod.Send, (ushort)attribute, transactionId);

    /// <summary>Writes header and message: 256 bytes.</summary>
    public static void Write<T>(Span<byte> target, ulong transactionId, in T message) where T : struct, ICmMessage<T>
    {
        Header(T.Attribute, transactionId).Write(target);
        message.Write(target[MadHeader.Length..Length]);
    }

    /// <summary>
    /// Reads the header and tells which message follows at byte 24. False with the rule that is broken when this is no message for a CM:
    /// such datagrams are dropped (or, for a class version, rejected with reason 31).
    /// </summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> source, out MadHeader header, out CmAttribute attribute, out Violation? violation)
    {
        attribute = CmAttribute.None;
        header = default;
        violation = null;
        if (source.Length != Length || !MadHeader.TryRead(source, out header))
            violation = new("mad-length", "IBA 13.4.2", $"{source.Length} bytes; a MAD has {Length}");
        else if (header.BaseVersion != 1)
            violation = new("mad-base-version", "IBA 13.4.3", $"base version {header.BaseVersion}");
        else if (header.Class != MadClass.CommunicationManagement)
            violation = new("cm-class", "IBA 16.7.1", $"management class 0x{(byte)header.Class:x2}");
        else if (header.ClassVersion != ClassVersion)
            violation = new("cm-class-version", "IBA 16.7.1", $"class version {header.ClassVersion}");
        else if (header.Method != MadMethod.Send)
            violation = new("cm-method", "IBA 16.7.2", $"method 0x{(byte)header.Method:x2}; only Send is known here");
        else if (header.AttributeId is < (ushort)CmAttribute.Req or > (ushort)CmAttribute.Apr)
            violation = new("cm-attribute", "IBA 16.7.4", $"attribute 0x{header.AttributeId:x4}");
        else
            attribute = (CmAttribute)header.AttributeId;
        return violation is null;
    }

    /// <summary>The field table of a message, or null.</summary>
    public static MadFieldTable? TableOf(CmAttribute attribute) => attribute switch
    {
        CmAttribute.Req => CmReq.Table,
        CmAttribute.Mra => CmMra.Table,
        CmAttribute.Rej => CmRej.Table,
        CmAttribute.Rep => CmRep.Table,
        CmAttribute.Rtu => CmRtu.Table,
        CmAttribute.Dreq => CmDreq.Table,
        CmAttribute.Drep => CmDrep.Table,
        CmAttribute.SidrReq => CmSidrReq.Table,
        CmAttribute.SidrRep => CmSidrRep.Table,
        CmAttribute.Lap => CmLap.Table,
        CmAttribute.Apr => CmApr.Table,
        _ => null,
    };

    /// <summary>One line for a whole CM datagram: the message in its fields' terms, or what is wrong with it.</summary>
    public static string Print(ReadOnlySpan<byte> source) =>
        TryReadHeader(source, out var header, out var attribute, out var violation)
            ? $"tid=0x{header.TransactionId:x16} {TableOf(attribute)!.Print(source[MadHeader.Length..])}"
            : violation!.ToString();
}
