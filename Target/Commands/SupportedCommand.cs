using Weft.Protocol.Scsi;

namespace Weft.Target.Commands;

/// <summary>A command that a unit has, and the CDB bits that mean something to this unit.</summary>
internal sealed record SupportedCommand(CommandInfo Info, byte[] Usage);
