namespace Weft.Protocol.Srp;

/// <summary>Information unit types. SRP r16a table 9; bit 7 marks requests of the target, bit 6 responses.</summary>
public enum SrpOpcode : byte
{
    LoginRequest = 0x00,
    TaskManagement = 0x01,
    Command = 0x02,
    InitiatorLogout = 0x03,
    CreditResponse = 0x41,
    AsyncEventResponse = 0x42,
    TargetLogout = 0x80,
    CreditRequest = 0x81,
    AsyncEventRequest = 0x82,
    LoginResponse = 0xC0,
    Response = 0xC1,
    LoginReject = 0xC2,
}
