using System.Numerics;
using Weft.Fabric.Verbs;

namespace Weft.Scenarios.Tools.Perf;

internal enum PerfVerb
{
    Send,
    Write,
    Read,
    Atomic,
}

/// <summary>What perftest's command lines set.</summary>
internal sealed record PerfOptions
{
    public const ushort DefaultPort = 18515;
    /// <summary>Longest message of a run over all sizes: 8 MiB.</summary>
    public const int MaxSizeBits = 23;
    public const int MinIterations = 5;
    /// <summary>What is in front of every datagram that is received.</summary>
    public const int GrhLength = 40;
    /// <summary>Receives posted at once without acknowledgements: as many as there will be messages, up to this.</summary>
    public const int MaxUnacknowledgedReceives = 16_000;
    /// <summary>Beyond this the peak is not looked for.</summary>
    public const int MaxPeakIterations = 20_000;
    /// <summary>Small messages walk through so many bytes of memory, a cache line each.</summary>
    public const int CycleBuffer = 4096, CacheLine = 64;

    public required PerfVerb Verb { get; init; }
    public required bool IsLatency { get; init; }
    /// <summary>Transport of the queue pairs that are measured.</summary>
    public QpType Transport { get; init; } = QpType.ReliableConnected;
    public required bool IsClient { get; init; }
    /// <summary>Bytes of a message; of the longest one when all sizes are run.</summary>
    public required int Size { get; init; }
    /// <summary>The size may be cut to what fits a datagram: nobody asked for it.</summary>
    public bool IsSizeFree { get; init; }
    /// <summary>Messages of each queue pair; 0 with a duration.</summary>
    public required int Iterations { get; init; }
    /// <summary>Seconds; 0: by iterations.</summary>
    public int Seconds { get; init; }
    public required int TransmitDepth { get; init; }
    public int ReceiveDepth { get; init; } = 512;
    public required PathMtu Mtu { get; init; }
    public int QueuePairs { get; init; } = 1;
    /// <summary>One completion for so many requests.</summary>
    public int CqModeration { get; init; } = 100;
    public bool IsBidirectional { get; init; }
    public bool UseEvents { get; init; }
    public required int GidIndex { get; init; }
    public byte TrafficClass { get; init; }
    /// <summary>Local ACK timeout: 4.096 us times 2 to this power.</summary>
    public byte Timeout { get; init; } = QueuePairSetup.DefaultTimeout;
    /// <summary>All sizes, the powers of 2 from 2 bytes to 8 MiB.</summary>
    public bool AllSizes { get; init; }
    public bool IsCompareSwap { get; init; }
    /// <summary>READs and atomics at once.</summary>
    public int OutstandingReads { get; init; } = 1;
    /// <summary>Talk and connect through the RDMA CM instead of TCP.</summary>
    public bool UseCm { get; init; }
    public bool FindPeak { get; init; } = true;
    public bool InGigabits { get; init; }

    public bool HasReads => Verb is PerfVerb.Read or PerfVerb.Atomic;
    /// <summary>This side sends requests.</summary>
    public bool Requests => IsClient || IsBidirectional || IsLatency && !HasReads;
    /// <summary>This side takes SENDs.</summary>
    public bool Receives => Verb == PerfVerb.Send && (!IsClient || IsBidirectional || IsLatency);
    public bool IsDatagram => Transport == QpType.UnreliableDatagram;
    /// <summary>The exponent of the longest message of a run over all sizes, which are powers of 2.</summary>
    public int LastSizeBits => BitOperations.Log2((uint)Size);
    /// <summary>Bytes of a receive.</summary>
    public int ReceiveLength => IsDatagram ? GrhLength + Size : BufferSize;
    /// <summary>Memory of one queue pair in one direction, in bytes.</summary>
    public int BufferSize => Math.Max(IsDatagram ? GrhLength + Size : Size, CycleBuffer);

    /// <summary>These options once both sides have agreed on a path MTU, which a datagram cannot be longer than.</summary>
    /// <exception cref="IOException">A longer size was asked for.</exception>
    public PerfOptions Within(PathMtu mtu)
    {
        if (!IsDatagram || Size <= mtu.Bytes()) return this;
        return IsSizeFree ? this with { Size = mtu.Bytes() } : throw new IOException($"a datagram of {Size} bytes does not fit the path MTU, which is {mtu.Bytes()}");
    }
}
