using System.Globalization;

namespace Weft.Protocol.Iscsi.Text;

/// <summary>The values that a negotiation ended with: what was agreed, what the peer declared, defaults for the rest.</summary>
public sealed class SessionParameters
{
    private readonly string?[] values = new string?[KeyTable.Count];
    private readonly uint[] numbers = new uint[KeyTable.Count];

    public SessionParameters()
    {
        foreach (var key in KeyTable.All) Set(key.Id, key.Default);
    }

    /// <summary>Value in wire form; for declarative keys the peer's. Null if the key has no default and nobody gave it.</summary>
    public string? this[KeyId id] => values[(int)id];
    public uint Number(KeyId id) => numbers[(int)id];
    public bool Flag(KeyId id) => numbers[(int)id] != 0;

    public bool InitialR2T => Flag(KeyId.InitialR2T);
    public bool ImmediateData => Flag(KeyId.ImmediateData);
    public int MaxBurstLength => (int)Number(KeyId.MaxBurstLength);
    /// <summary>Most unsolicited bytes of one command, immediate data counted; never above <see cref="MaxBurstLength"/>.</summary>
    public int FirstBurstLength => (int)Math.Min(Number(KeyId.FirstBurstLength), Number(KeyId.MaxBurstLength));
    public uint DefaultTime2Wait => Number(KeyId.DefaultTime2Wait);
    public uint DefaultTime2Retain => Number(KeyId.DefaultTime2Retain);
    public uint ErrorRecoveryLevel => Number(KeyId.ErrorRecoveryLevel);
    public bool RdmaExtensions => Flag(KeyId.RDMAExtensions);
    /// <summary>Longest data segment of control PDUs towards the target over iSER.</summary>
    public int TargetRecvDataSegmentLength => (int)Number(KeyId.TargetRecvDataSegmentLength);
    /// <summary>Longest data segment of control PDUs towards the initiator over iSER, by negotiation: Linux posts smaller buffers.</summary>
    public int InitiatorRecvDataSegmentLength => (int)Number(KeyId.InitiatorRecvDataSegmentLength);
    /// <summary>What the peer declared that it can receive; of a discovery session, and of TCP.</summary>
    public int PeerMaxRecvDataSegmentLength => (int)Number(KeyId.MaxRecvDataSegmentLength);
    /// <summary>2 makes the task management functions of RFC 7144 available.</summary>
    public uint ProtocolLevel => Number(KeyId.iSCSIProtocolLevel);

    internal void Set(KeyId id, string? value)
    {
        values[(int)id] = value;
        numbers[(int)id] = value switch
        {
            null => 0,
            "Yes" => 1,
            _ => uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0,
        };
    }
}
