using Weft.Protocol.Scsi;

namespace Weft.Target.Commands;

/// <summary>The sense data of each condition.</summary>
public static class UnitAttentions
{
    private static readonly AdditionalSense[] Codes =
    [
        AdditionalSense.PowerOn, AdditionalSense.BusReset, AdditionalSense.DeviceReset, AdditionalSense.NexusLoss,
        AdditionalSense.InquiryDataChanged, AdditionalSense.CapacityChanged, AdditionalSense.ModeParametersChanged,
        AdditionalSense.ReservationsPreempted, AdditionalSense.ReservationsReleased, AdditionalSense.RegistrationsPreempted,
        AdditionalSense.CommandsCleared, AdditionalSense.ReportedLunsChanged,
    ];

    public static AdditionalSense Code(this UnitAttention attention) => Codes[(int)attention];
}
