using Weft.Fabric.Sim.Management.Sweeps;
using Weft.Protocol.Mad;
using Weft.Protocol.Mad.Sa;

namespace Weft.Fabric.Sim.Management.Administration;

/// <summary>A query that has arrived.</summary>
internal readonly ref struct SaRequest(MadHeader header, SaHeader sa, ReadOnlySpan<byte> record, Lid source, Qpn sourceQueue, ManagedPort? requester)
{
    public MadHeader Header { get; } = header;
    public SaHeader Sa { get; } = sa;
    /// <summary>200 bytes.</summary>
    public ReadOnlySpan<byte> Record { get; } = record;
    public Lid Source { get; } = source;
    public Qpn SourceQueue { get; } = sourceQueue;
    /// <summary>Port that asks; null when its LID is unknown.</summary>
    public ManagedPort? Requester { get; } = requester;
    public ulong Mask => Sa.ComponentMask;
    public MadMethod Method => Header.Method;
    public SaAttribute Attribute => (SaAttribute)Header.AttributeId;
}
