using Weft.Fabric.Execution;
using Weft.Protocol.Mad.Sa;

namespace Weft.Fabric.Sim.Management.Administration;

/// <summary>Services that ports have registered, until their lease ends. IBA Vol 1 §15.2.5.14, §15.4.4.</summary>
internal sealed class ServiceRegistry
{
    private const int MaxServices = 65_536;
    private const int KeyOffset = 32, KeyLength = 16, DataOffset = 112;
    private static readonly ulong Identity = ServiceRecord.Table.Mask(nameof(ServiceRecord.ServiceId), nameof(ServiceRecord.ServiceGid), nameof(ServiceRecord.PKey));
    private readonly IExecutor executor;
    private readonly Execution.Timer timer;
    private readonly List<Entry> entries = [];

    private sealed record Entry(byte[] Record, Instant End);

    public ServiceRegistry(IExecutor executor)
    {
        this.executor = executor;
        timer = executor.CreateTimer("service leases", Expire);
    }

    public int Count => entries.Count;

    public ushort Register(in SaRequest request, Span<byte> record)
    {
        if ((request.Mask & Identity) != Identity) return SaStatus.InsufficientComponents;
        ServiceRecord.TryRead(record, out var service);
        if (service.ServiceGid.Low != request.Requester!.Guid.Value) return SaStatus.InvalidGid; // only its own port may offer a service
        if (Visibility.KeyOf(request.Requester, service.PKey) is null) return SaStatus.RequestInvalid;
        var known = Find(record);
        if (known >= 0 && !Key(entries[known].Record).SequenceEqual(Key(record))) return SaStatus.RequestInvalid;
        if (known < 0 && entries.Count >= MaxServices) return SaStatus.NoResources;
        var hasLease = (request.Mask & ServiceRecord.Table.Mask(nameof(ServiceRecord.Lease))) != 0 && service.Lease != uint.MaxValue;
        var entry = new Entry(record[..ServiceRecord.Length].ToArray(), hasLease ? executor.Now + Duration.FromSeconds(service.Lease) : Instant.Never);
        if (known >= 0) entries[known] = entry;
        else entries.Add(entry);
        Rearm();
        Key(record).Clear(); // the key is the owner's alone
        return SaStatus.Ok;
    }

    public ushort Remove(in SaRequest request, Span<byte> record)
    {
        if ((request.Mask & Identity) != Identity) return SaStatus.InsufficientComponents;
        var known = Find(record);
        if (known < 0) return SaStatus.NoRecords;
        if (!Key(entries[known].Record).SequenceEqual(Key(record))) return SaStatus.RequestInvalid;
        entries[known].Record.CopyTo(record);
        Key(record).Clear();
        entries.RemoveAt(known);
        Rearm();
        return SaStatus.Ok;
    }

    public ushort Find(in SaRequest request, RecordList list)
    {
        var copy = new byte[ServiceRecord.Length];
        foreach (var entry in entries)
        {
            if (!ServiceRecord.Table.Matches(entry.Record, request.Record, request.Mask) || !DataMatches(entry.Record, request.Record, request.Mask)) continue;
            ServiceRecord.TryRead(entry.Record, out var service);
            if (service.PKey.Partition != 0 && Visibility.KeyOf(request.Requester!, service.PKey) is null) continue;
            entry.Record.CopyTo(copy, 0);
            Key(copy).Clear();
            if (!entry.End.IsNever) System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(copy.AsSpan(28), (uint)Math.Ceiling((entry.End - executor.Now).TotalSeconds));
            list.Add(copy);
        }
        return SaStatus.Ok;
    }

    // Mask bits 7 to 36: sixteen bytes, eight words of 16 bits, four of 32, two of 64, one after the other.
    private static bool DataMatches(ReadOnlySpan<byte> record, ReadOnlySpan<byte> template, ulong mask)
    {
        var (at, bit) = (DataOffset, 7);
        foreach (var (size, count) in ((int, int)[])[(1, 16), (2, 8), (4, 4), (8, 2)])
            for (var i = 0; i < count; i++, at += size, bit++)
                if ((mask >> bit & 1) != 0 && !record.Slice(at, size).SequenceEqual(template.Slice(at, size))) return false;
        return true;
    }

    private static Span<byte> Key(Span<byte> record) => record.Slice(KeyOffset, KeyLength);

    private int Find(ReadOnlySpan<byte> record)
    {
        for (var i = 0; i < entries.Count; i++)
            if (ServiceRecord.Table.Matches(entries[i].Record, record, Identity)) return i;
        return -1;
    }

    private void Expire()
    {
        entries.RemoveAll(e => e.End <= executor.Now);
        Rearm();
    }

    private void Rearm()
    {
        var earliest = Instant.Never;
        foreach (var entry in entries) earliest = Instant.Min(earliest, entry.End);
        timer.Arm(earliest);
    }

    public void Clear()
    {
        entries.Clear();
        timer.Cancel();
    }
}
