using Weft.Protocol.Ib;

namespace Weft.Protocol.Analysis;

/// <summary>
/// The requests of one direction, by PSN: what was sent, what the receiver takes next, what was acknowledged. IBA Vol 1 §9.7.2..§9.7.5.
/// Remembers a bounded number of packets behind the newest.
/// </summary>
internal sealed class RequestStream(Channel channel)
{
    private const int SmallestRing = 64, LargestRing = 1 << 16;
    private PsnRecord[] ring = [];
    private byte[] assembly = [];

    public Channel Channel { get; } = channel;
    public bool IsStarted { get; private set; }
    /// <summary>Known from its first PSN on, so that counts mean something.</summary>
    public bool IsWhole { get; private set; }
    /// <summary>First PSN that is remembered.</summary>
    public Psn Oldest { get; private set; }
    /// <summary>One above the highest PSN seen.</summary>
    public Psn Next { get; private set; }
    /// <summary>The PSN that a receiver which saw the same packets waits for.</summary>
    public Psn Delivered { get; set; }
    /// <summary>One above the highest acknowledged PSN.</summary>
    public Psn Acknowledged { get; set; }
    public uint Messages { get; set; }
    /// <summary>What an AETH's MSN is ahead of <see cref="Messages"/>; learned where the stream was not seen from its start.</summary>
    public uint? MsnOffset { get; set; }
    public int OutstandingReads { get; set; }

    // The message that is open at Delivered.
    public bool IsOpen { get; set; }
    public bool IsOpenWrite { get; set; }
    public long WriteLeft { get; set; }
    public int AssemblyLength { get; set; }
    public int FirstFrame { get; set; }
    public Psn FirstPsn { get; set; }
    /// <summary>The open message began before the first packet seen here.</summary>
    public bool IsPartial { get; set; }

    // The last negative acknowledgement that asks for a retransmission.
    public bool HasRnr { get; set; }
    public Psn RnrPsn { get; set; }
    public Instant RnrUntil { get; set; }

    /// <summary>A response in frame <see cref="EarlyFrame"/> acknowledged everything before this, more than was seen to be sent.</summary>
    public Psn? Early { get; set; }
    public int EarlyFrame { get; set; }

    public ReadOnlySpan<byte> Assembly => assembly.AsSpan(0, AssemblyLength);

    /// <summary>Everything from <paramref name="psn"/> on will be seen.</summary>
    public void Start(Psn psn, bool isWhole)
    {
        IsStarted = true;
        IsWhole = isWhole;
        if (isWhole) MsnOffset = 0;
        Oldest = Next = Delivered = Acknowledged = psn;
    }

    public bool Remembers(Psn psn) => IsStarted && psn - Oldest >= 0 && psn - Next < 0;

    public ref PsnRecord this[Psn psn] => ref ring[psn.Value & (ring.Length - 1)];

    /// <summary>Makes room for PSNs up to, not including, <paramref name="end"/>; those between the highest so far and it become unseen.</summary>
    public void Extend(Psn end)
    {
        var needed = end - Acknowledged;
        if (needed < 0 || needed > LargestRing) needed = Math.Min(LargestRing, Math.Max(end - Next, 0));
        if (needed > ring.Length) Grow(needed);
        if (end - Oldest > ring.Length) Forget(end - (uint)ring.Length);
        // A gap wider than the memory leaves nothing to clear but the memory itself.
        var from = end - Next > ring.Length ? end - (uint)ring.Length : Next;
        for (; from != end; from = from.Next) this[from] = default;
        Next = end;
    }

    /// <summary>
    /// Lets go of what was before a PSN. A later READ's response counts as an acknowledgement of all before it, also where the requester
    /// drops it and asks again; a READ that is forgotten unanswered is counted no longer.
    /// </summary>
    private void Forget(Psn before)
    {
        for (; Oldest != before && Oldest != Next; Oldest = Oldest.Next)
        {
            var record = this[Oldest];
            if (!record.Is(PsnRecord.Seen) || record.Is(PsnRecord.Answered)) continue;
            if (record.Is(PsnRecord.ReadEnd) || OpcodeInfo.Of(record.Opcode).IsAtomic) OutstandingReads--;
        }
        Oldest = before;
    }

    private void Grow(int needed)
    {
        var size = Math.Max(SmallestRing, ring.Length);
        while (size < needed) size *= 2;
        var old = ring;
        ring = new PsnRecord[size];
        if (old.Length == 0) return;
        for (var psn = Oldest; psn != Next; psn = psn.Next) this[psn] = old[psn.Value & (old.Length - 1)];
    }

    public void Append(ReadOnlySpan<byte> payload)
    {
        if (AssemblyLength + payload.Length > assembly.Length)
            Array.Resize(ref assembly, Math.Max(2 * assembly.Length, Math.Max(4096, AssemblyLength + payload.Length)));
        payload.CopyTo(assembly.AsSpan(AssemblyLength));
        AssemblyLength += payload.Length;
    }

    public void Close() => (IsOpen, IsOpenWrite, IsPartial, WriteLeft, AssemblyLength) = (false, false, false, 0, 0);
}
