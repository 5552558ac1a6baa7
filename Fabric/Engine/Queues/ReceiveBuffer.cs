using Weft.Fabric.Engine.Memory;
using Weft.Fabric.Verbs;

namespace Weft.Fabric.Engine.Queues;

/// <summary>The receive work request that a QP is filling. With an SRQ it left the queue when its message began.</summary>
internal sealed class ReceiveBuffer(int maxSge)
{
    private readonly Sge[] list = new Sge[maxSge];
    private int count;
    private SgePosition position;

    public bool IsTaken { get; private set; }
    public ulong Id { get; private set; }
    /// <summary>Bytes that fit.</summary>
    public ulong Length { get; private set; }
    /// <summary>Bytes stored, or left out, so far.</summary>
    public uint Filled { get; private set; }

    public void Load(ulong id, ulong length, ReadOnlySpan<Sge> sges)
    {
        (Id, Length, count) = (id, length, sges.Length);
        sges.CopyTo(list);
        IsTaken = true;
        Rewind();
    }

    /// <summary>Begins again at the first byte: UC keeps the buffer of a message that broke off. IBA Vol 1 §9.8.2.2.</summary>
    public void Rewind() => (position, Filled) = (default, 0);

    public bool HasRoomFor(int bytes) => (ulong)bytes <= Length - Filled;

    /// <summary>Stores bytes behind the earlier ones; false when local memory refuses them.</summary>
    public bool Append(MemoryTable memory, ProtectionDomain domain, ReadOnlySpan<byte> bytes)
    {
        if (!ScatterGather.Scatter(memory, domain, list.AsSpan(0, count), ref position, bytes)) return false;
        Filled += (uint)bytes.Length;
        return true;
    }

    /// <summary>Leaves bytes as they are and goes on behind them.</summary>
    public void Skip(int bytes)
    {
        Filled += (uint)bytes;
        position = SgePosition.At(list.AsSpan(0, count), Filled);
    }

    public void Release() => IsTaken = false;
}
