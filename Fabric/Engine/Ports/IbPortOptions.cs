namespace Weft.Fabric.Engine.Ports;

/// <summary>What an InfiniBand port is made with.</summary>
public sealed record IbPortOptions
{
    public required Guid64 PortGuid { get; init; }
    /// <summary>1-based number of the port in its device.</summary>
    public byte Number { get; init; } = 1;
    /// <summary>What it is set to before subnet management says otherwise; without GUIDs of its own it gets <see cref="PortGuid"/>.</summary>
    public IbPortSettings Settings { get; init; } = new();
}
