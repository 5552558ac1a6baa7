namespace Weft.Wireshark.Tests;

/// <summary>Severity of a tshark expert item; the values are those of the field <c>_ws.expert.severity</c>.</summary>
public enum ExpertSeverity
{
    Comment = 0x00100000,
    Chat = 0x00200000,
    Note = 0x00400000,
    Warning = 0x00600000,
    Error = 0x00800000,
}
