namespace Weft.Protocol.Mad;

/// <summary>What a MAD asks for; bit 7 marks the response. IBA Vol 1 §13.4.5. The CM sends everything, replies too, as <see cref="Send"/>.</summary>
public enum MadMethod : byte
{
    None = 0,
    Get = 0x01,
    Set = 0x02,
    Send = 0x03,
    Trap = 0x05,
    Report = 0x06,
    TrapRepress = 0x07,
    GetTable = 0x12,
    GetTraceTable = 0x13,
    GetMulti = 0x14,
    Delete = 0x15,
    GetResponse = 0x81,
    ReportResponse = 0x86,
    GetTableResponse = 0x92,
    GetMultiResponse = 0x94,
    DeleteResponse = 0x95,
}
