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
    /// <summary>Beyond this the peak is not looked for.</summary>
    public const int MaxPeakIterations = 20_000;
    /// <summary>Small messages walk through so many bytes of memory, a cache line each.</summary>
    public const int CycleBuffer = 4096, CacheLine = 64;

    public required PerfVerb Verb { get; init; }
    public required bool IsLatency { get; init; }
    public required bool IsClient { get; init; }
    /// <summary>Bytes of a message; of the longest one when all sizes are run.</summary>
    public required int Size { get; init; }
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
    /// <summary>Memory of one queue pair in one direction, in bytes.</summary>
    public int BufferSize => Math.Max(Size, CycleBuffer);
}
