using Weft.Protocol.Ib;

namespace Weft.Protocol.Analysis;

/// <summary>What was seen with one PSN of a request stream.</summary>
internal struct PsnRecord
{
    public const byte Seen = 1, InRead = 2, ReadStart = 4, ReadEnd = 8, Counted = 16, Answered = 32;

    public byte Flags;
    public BthOpcode Opcode;
    /// <summary>Bytes in the packet; of a PSN inside a READ, bytes that its response carries.</summary>
    public ushort Length;
    /// <summary>Of the extended headers.</summary>
    public uint Fingerprint;
    /// <summary>Of the start of the payload.</summary>
    public uint Payload;
    /// <summary>Messages that end with this PSN or an earlier one, once it was delivered.</summary>
    public uint Messages;

    public readonly bool Is(byte flags) => (Flags & flags) == flags;
}
