namespace Weft.Protocol.Scsi;

/// <summary>Additional sense code and qualifier: what exactly happened. SPC-4 §4.5.6 and annex F.</summary>
/// <param name="Code">ASC.</param>
/// <param name="Qualifier">ASCQ.</param>
public readonly record struct AdditionalSense(byte Code, byte Qualifier)
{
    public static readonly AdditionalSense None;
    public static readonly AdditionalSense BecomingReady = new(0x04, 0x01);
    public static readonly AdditionalSense WriteError = new(0x0C, 0x00);
    public static readonly AdditionalSense UnexpectedUnsolicitedData = new(0x0C, 0x0C);
    public static readonly AdditionalSense NotEnoughUnsolicitedData = new(0x0C, 0x0D);
    public static readonly AdditionalSense UnrecoveredReadError = new(0x11, 0x00);
    public static readonly AdditionalSense ParameterListLength = new(0x1A, 0x00);
    public static readonly AdditionalSense Miscompare = new(0x1D, 0x00);
    public static readonly AdditionalSense InvalidOpcode = new(0x20, 0x00);
    public static readonly AdditionalSense LbaOutOfRange = new(0x21, 0x00);
    public static readonly AdditionalSense InvalidFieldInCdb = new(0x24, 0x00);
    public static readonly AdditionalSense LunNotSupported = new(0x25, 0x00);
    public static readonly AdditionalSense InvalidFieldInParameterList = new(0x26, 0x00);
    public static readonly AdditionalSense InvalidReleaseOfReservation = new(0x26, 0x04);
    public static readonly AdditionalSense WriteProtected = new(0x27, 0x00);
    public static readonly AdditionalSense SoftwareWriteProtected = new(0x27, 0x02);
    public static readonly AdditionalSense SpaceAllocationFailed = new(0x27, 0x07);
    public static readonly AdditionalSense PowerOnOrReset = new(0x29, 0x00);
    public static readonly AdditionalSense PowerOn = new(0x29, 0x01);
    public static readonly AdditionalSense BusReset = new(0x29, 0x02);
    public static readonly AdditionalSense DeviceReset = new(0x29, 0x03);
    public static readonly AdditionalSense NexusLoss = new(0x29, 0x07);
    public static readonly AdditionalSense ModeParametersChanged = new(0x2A, 0x01);
    public static readonly AdditionalSense ReservationsPreempted = new(0x2A, 0x03);
    public static readonly AdditionalSense ReservationsReleased = new(0x2A, 0x04);
    public static readonly AdditionalSense RegistrationsPreempted = new(0x2A, 0x05);
    public static readonly AdditionalSense CapacityChanged = new(0x2A, 0x09);
    public static readonly AdditionalSense CommandsCleared = new(0x2F, 0x00);
    public static readonly AdditionalSense SavingNotSupported = new(0x39, 0x00);
    public static readonly AdditionalSense InquiryDataChanged = new(0x3F, 0x03);
    public static readonly AdditionalSense ReportedLunsChanged = new(0x3F, 0x0E);
    public static readonly AdditionalSense InternalFailure = new(0x44, 0x00);
    public static readonly AdditionalSense InvalidMessage = new(0x49, 0x00);
    public static readonly AdditionalSense DataPhaseError = new(0x4B, 0x00);
    public static readonly AdditionalSense OverlappedCommands = new(0x4E, 0x00);
    public static readonly AdditionalSense SystemResourceFailure = new(0x55, 0x00);

    /// <summary>The standard's wording, or the two numbers when this table does not have the pair.</summary>
    public override string ToString() => AdditionalSenseNames.Find(this) ?? $"{Code:x2}/{Qualifier:x2}";
}
