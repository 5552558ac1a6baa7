namespace Weft.Protocol.Nbd;

/// <summary>Answers to options. NBD protocol, "Option reply types"; errors have the highest bit set.</summary>
public enum NbdOptionReply : uint
{
    Ack = 1,
    Server = 2,
    Info = 3,
    Unsupported = 0x8000_0001,
    Policy = 0x8000_0002,
    Invalid = 0x8000_0003,
    Unknown = 0x8000_0006,
    TooBig = 0x8000_0009,
}
