namespace Weft.Protocol.Cm;

/// <summary>Attribute ID of a communication management message. IBA Vol 1 §16.7.4, table 299.</summary>
public enum CmAttribute : ushort
{
    None = 0,
    ClassPortInfo = 0x0001,
    Req = 0x0010,
    Mra = 0x0011,
    Rej = 0x0012,
    Rep = 0x0013,
    Rtu = 0x0014,
    Dreq = 0x0015,
    Drep = 0x0016,
    SidrReq = 0x0017,
    SidrRep = 0x0018,
    Lap = 0x0019,
    Apr = 0x001A,
}
