namespace Weft.Initiator.Iser;

/// <summary>What a work request is for: high half of its id; the low half is an index.</summary>
internal enum IserWork : uint
{
    LoginReceive = 1,
    Receive,
    LoginSend,
    ControlSend,
    /// <summary>The last send of a command: its own, or that of its last unsolicited Data-Out.</summary>
    CommandSend,
    /// <summary>Asks for no completion; has one only when it fails.</summary>
    Unsignaled,
    Invalidate,
    SendDrain,
    ReceiveDrain,
}
