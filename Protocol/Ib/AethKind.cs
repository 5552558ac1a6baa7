namespace Weft.Protocol.Ib;

/// <summary>Bits 6..5 of the AETH syndrome. IBA Vol 1 §9.7.5.1.2 table 43.</summary>
public enum AethKind : byte
{
    Ack = 0,
    RnrNak = 1,
    Reserved = 2,
    Nak = 3,
}
