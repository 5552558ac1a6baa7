namespace Weft.Target.Commands;

/// <summary>What a disk says of itself, and its limits. Lengths are in logical blocks.</summary>
public sealed record DiskOptions
{
    /// <summary>T10 vendor identification, at most 8 characters.</summary>
    public string Vendor { get; init; } = "WEFT";
    /// <summary>At most 16 characters.</summary>
    public string Product { get; init; } = "DISK";
    /// <summary>At most 4 characters.</summary>
    public string Revision { get; init; } = "1";
    /// <summary>Unit serial number, at most 240 printable characters; also the base of the unit's names.</summary>
    public string Serial { get; init; } = "0";
    /// <summary>A 16-byte NAA name; none: a locally assigned one is made from vendor and serial number.</summary>
    public (ulong High, ulong Low)? Naa { get; init; }
    /// <summary>1 non-rotating, otherwise revolutions per minute.</summary>
    public ushort RotationRate { get; init; } = 1;
    /// <summary>A physical block is 2^n logical ones.</summary>
    public byte PhysicalExponent { get; init; }
    /// <summary>WCE at power on: writes are answered before they are on the medium.</summary>
    public bool WriteCache { get; init; }
    /// <summary>DPO and FUA are accepted.</summary>
    public bool HasDpoFua { get; init; } = true;
    /// <summary>Commands aborted by another initiator answer TASK ABORTED (TAS); otherwise they are silent.</summary>
    public bool ReportsTaskAborted { get; init; } = true;

    public uint MaxTransfer { get; init; } = 0x8000;
    public uint OptimalTransfer { get; init; } = 0x800;
    /// <summary>COMPARE AND WRITE, 0..255; also cut so that both halves fit 64 KiB. 0: the command is not there.</summary>
    public byte MaxCompareAndWrite { get; init; } = 16;
    /// <summary>All descriptors of one UNMAP together.</summary>
    public uint MaxUnmapBlocks { get; init; } = 0x10_0000;
    public uint MaxUnmapDescriptors { get; init; } = 256;
    public ulong MaxWriteSame { get; init; } = 0x1_0000;
    /// <summary>WSNZ: WRITE SAME with a count of 0 is refused instead of meaning "to the end".</summary>
    public bool RefusesWriteSameToEnd { get; init; }
}
