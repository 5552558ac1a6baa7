namespace Weft.Target.Commands;

/// <summary>Conditions that the next command of a nexus is told about, most severe first. SAM-5 §5.14, SPC-4 §4.5.</summary>
public enum UnitAttention : byte
{
    PowerOn,
    BusReset,
    DeviceReset,
    NexusLoss,
    InquiryDataChanged,
    CapacityChanged,
    ModeParametersChanged,
    ReservationsPreempted,
    ReservationsReleased,
    RegistrationsPreempted,
    CommandsCleared,
    ReportedLunsChanged,
}
