namespace Weft.Protocol.Mad;

/// <summary>What a management class tells of its agent; the same in every class. IBA Vol 1 §13.4.8.1.</summary>
// 0 BaseVersion | 1 ClassVersion | 2 CapabilityMask:16 | 4 CapabilityMask2:27 RespTimeValue:5 | 8 redirection and traps, 64 bytes
public static class ClassPortInfo
{
    public const int Length = 72;
    public const ushort AttributeId = 0x0001;
    public static readonly MadField BaseVersion = new("BaseVersion", 0, 8), ClassVersion = new("ClassVersion", 1, 8);
    public static readonly MadField Capabilities = new("CapabilityMask", 2, 16, MadFieldFormat.Hex), Capabilities2 = new("CapabilityMask2", 4, 7, 27, MadFieldFormat.Hex);
    public static readonly MadField ResponseTime = new("RespTimeValue", 7, 4, 5, MadFieldFormat.Time);

    public static MadFieldTable Table { get; } = new("ClassPortInfo", Length,
        BaseVersion, ClassVersion, Capabilities, Capabilities2, ResponseTime,
        new("RedirectGID", 8, 128, MadFieldFormat.Gid), new("RedirectTC", 24, 8), new("RedirectSL", 25, 7, 4), new("RedirectFL", 25, 3, 20),
        new("RedirectLID", 28, 16, MadFieldFormat.Hex), new("RedirectP_Key", 30, 16, MadFieldFormat.Hex), new("RedirectQP", 33, 24, MadFieldFormat.Hex),
        new("RedirectQ_Key", 36, 32, MadFieldFormat.Hex), new("TrapGID", 40, 128, MadFieldFormat.Gid), new("TrapTC", 56, 8), new("TrapSL", 57, 7, 4),
        new("TrapFL", 57, 3, 20), new("TrapLID", 60, 16, MadFieldFormat.Hex), new("TrapP_Key", 62, 16, MadFieldFormat.Hex), new("TrapHL", 64, 8),
        new("TrapQP", 65, 24, MadFieldFormat.Hex), new("TrapQ_Key", 68, 32, MadFieldFormat.Hex));
}
