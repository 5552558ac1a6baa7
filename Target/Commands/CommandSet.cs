using Weft.Protocol.Scsi;

namespace Weft.Target.Commands;

/// <summary>The commands of a unit: what REPORT SUPPORTED OPERATION CODES tells is what the device server checks CDBs against.</summary>
internal sealed class CommandSet
{
    private readonly SupportedCommand?[] first = new SupportedCommand?[256];
    private readonly List<SupportedCommand> all = [];

    /// <summary>Ascending by operation code and service action.</summary>
    public IReadOnlyList<SupportedCommand> All => all;

    /// <param name="has">Which rows of <see cref="CommandTable"/> the unit has.</param>
    /// <param name="hasDpoFua">Otherwise the DPO, FUA and FUA_NV bits are refused; protection bits always are.</param>
    public CommandSet(Func<CommandInfo, bool> has, bool hasDpoFua)
    {
        foreach (var info in CommandTable.All)
        {
            if (!has(info)) continue;
            var usage = (byte[])info.Usage.Clone();
            if (info is { Unit: CountUnit.Blocks, Size: > 6 }) usage[1] &= 0x1F;
            if (!hasDpoFua && HasCacheBits(info.Opcode)) usage[1] &= IsVerify(info.Opcode) ? (byte)0xEF : (byte)0xE5;
            var command = new SupportedCommand(info, usage);
            all.Add(command);
            first[(byte)info.Opcode] ??= command;
        }
    }

    public bool HasOpcode(ScsiOpcode opcode) => first[(byte)opcode] is not null;

    public SupportedCommand? Find(ScsiOpcode opcode, int action)
    {
        var found = first[(byte)opcode];
        if (found is null || !found.Info.HasAction || found.Info.Action == action) return found;
        foreach (var command in all)
            if (command.Info.Opcode == opcode && command.Info.Action == action) return command;
        return null;
    }

    private static bool IsVerify(ScsiOpcode opcode) => opcode is ScsiOpcode.Verify10 or ScsiOpcode.Verify12 or ScsiOpcode.Verify16
        or ScsiOpcode.WriteAndVerify10 or ScsiOpcode.WriteAndVerify12 or ScsiOpcode.WriteAndVerify16;

    private static bool HasCacheBits(ScsiOpcode opcode) => IsVerify(opcode) || opcode is ScsiOpcode.Read10 or ScsiOpcode.Read12
        or ScsiOpcode.Read16 or ScsiOpcode.Write10 or ScsiOpcode.Write12 or ScsiOpcode.Write16 or ScsiOpcode.CompareAndWrite;
}
