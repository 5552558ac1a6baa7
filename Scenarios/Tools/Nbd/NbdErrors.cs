using Weft.Initiator.Commands;
using Weft.Protocol.Nbd;
using Weft.Protocol.Scsi;

namespace Weft.Scenarios.Tools.Nbd;

/// <summary>What a SCSI result is to an NBD client.</summary>
internal static class NbdErrors
{
    public static NbdError Of(DiskCommand command)
    {
        if (command.IsGood) return command is { Direction: DataDirection.In, Residual: > 0 } ? NbdError.Eio : NbdError.None;
        if (command.Outcome != CommandOutcome.Completed) return NbdError.Eio;
        if (command.Status == ScsiStatus.ReservationConflict) return NbdError.Eperm;
        return Sense.TryRead(command.Sense, out var sense) ? Of(sense) : NbdError.Eio;
    }

    private static NbdError Of(in Sense sense) => sense.Key switch
    {
        SenseKey.DataProtect => sense.Additional == AdditionalSense.SpaceAllocationFailed ? NbdError.Enospc : NbdError.Eperm,
        SenseKey.IllegalRequest when sense.Additional == AdditionalSense.LbaOutOfRange => NbdError.Enospc,
        SenseKey.IllegalRequest => NbdError.Enotsup,
        _ => NbdError.Eio,
    };
}
