using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Login;
using Weft.Protocol.Iscsi.Text;

namespace Weft.Initiator;

/// <summary>What a session is made with. Defaults are those of open-iscsi and ib_iser.</summary>
public sealed record SessionOptions
{
    public SessionTimeouts Timeouts { get; init; } = new();
    /// <summary>Keys offered at every login, the first and each one after; what a target made of them the last time does not count.</summary>
    public KeyPolicy Keys { get; init; } = KeyPolicy.OpenIscsi(iser: true);
    /// <summary>CHAP, if the target is to be convinced (Own) or must prove itself (Peer).</summary>
    public ChapSettings? Chap { get; init; }
    /// <summary>Offers <c>CHAP,None</c>.</summary>
    public bool AuthenticationOptional { get; init; }
    /// <summary>Commands sent and not yet ended, 1..4096 (node.session.cmds_max).</summary>
    public int MaxCommands { get; init; } = 128;
    /// <summary>Longest data of one command in bytes (ib_iser: 512 KiB).</summary>
    public int MaxDataLength { get; init; } = 512 << 10;
    /// <summary>
    /// Registers memory for each command, under a key that no earlier command had. When false, commands whose memory is registered
    /// already use that, and the target is told not to invalidate keys (private data flag 40h).
    /// </summary>
    public bool AlwaysRegister { get; init; } = true;
    /// <summary>Send and receive completions in one queue, as ib_iser has it; in two they have no order between them.</summary>
    public bool SharedCompletionQueue { get; init; } = true;
    /// <summary>Fixed session identifier; otherwise the host numbers its sessions.</summary>
    public Isid? Isid { get; init; }
    public CmdSn FirstCmdSn { get; init; }
    /// <summary>Receive buffers of full feature phase; 0 for as many as commands and unexpected PDUs can need, at least 128.</summary>
    public int ReceiveBuffers { get; init; }
    /// <summary>Bytes of each beyond the 28 + 48 of the headers; ib_iser and libiscsi have 128.</summary>
    public int ReceiveDataLength { get; init; } = 128;
    /// <summary>RNR retries that the connection asks for, 0..7.</summary>
    public byte RnrRetryCount { get; init; } = 6;
    public byte RetryCount { get; init; } = 7;
}
