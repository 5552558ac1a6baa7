namespace Weft.Initiator.Commands;

/// <summary>
/// A SCSI command and its result: an object to use again and again, so that a command costs no allocation. Fill it, submit it, wait for
/// <see cref="Completed"/>, and do not touch it or its data in between.
/// </summary>
public class DiskCommand
{
    /// <summary>Longest CDB: the 32 bytes of the variable-length commands.</summary>
    public const int MaxCdbLength = 32;
    /// <summary>Sense data beyond this is cut, as a Linux initiator's 128-byte receive buffer does.</summary>
    public const int MaxSenseLength = 126;

    private readonly byte[] cdb = new byte[MaxCdbLength];
    private byte[] sense = [];

    /// <summary>Logical unit; set by <see cref="Disk"/>.</summary>
    public Lun Lun { get; set; }
    public DataDirection Direction { get; set; }
    /// <summary>All of it is the expected transfer length.</summary>
    public Memory<byte> Data { get; set; }
    /// <summary>
    /// Memory registered beforehand that contains <see cref="Data"/>; used when the session does not register per command.
    /// </summary>
    public RegisteredBuffer? Registration { get; set; }
    public CommandOrder Order { get; set; } = CommandOrder.Simple;
    /// <summary>From sending to the start of error handling; zero for the session's default, infinite for none.</summary>
    public Duration Timeout { get; set; }
    /// <summary>
    /// How often it may be sent again after a lost connection, a timeout, a reset, BUSY or UNIT ATTENTION. Linux gives block commands 5
    /// and pass-through commands 0.
    /// </summary>
    public int Retries { get; set; }
    /// <summary>Called on the executor when the command has ended; it may submit this command again.</summary>
    public Action<DiskCommand>? Completed { get; set; }
    /// <summary>The caller's.</summary>
    public object? Context { get; set; }

    public int CdbLength { get; private set; }
    public ReadOnlySpan<byte> Cdb => cdb.AsSpan(0, CdbLength);

    /// <summary>Takes a CDB, with the length and the direction that its operation code has.</summary>
    public void SetCdb(in Cdb value)
    {
        Span<byte> bytes = stackalloc byte[Protocol.Scsi.Cdb.Length];
        value.Write(bytes);
        SetCdb(bytes[..(value.Size == 0 ? Protocol.Scsi.Cdb.Length : value.Size)]);
        Direction = value.Direction;
    }

    /// <summary>Copies a CDB of 6..32 bytes.</summary>
    public void SetCdb(ReadOnlySpan<byte> value) => value.CopyTo(PrepareCdb(value.Length));

    /// <summary>A zeroed CDB of a length, to be written in place.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 6..32 bytes.</exception>
    public Span<byte> PrepareCdb(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 6);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxCdbLength);
        CdbLength = length;
        var span = cdb.AsSpan(0, length);
        span.Clear();
        return span;
    }

    /// <summary>Submitted and not yet completed.</summary>
    public bool IsBusy => Stage != CommandStage.Idle;
    public CommandOutcome Outcome { get; internal set; }
    public ScsiStatus Status { get; internal set; }
    /// <summary>See <see cref="CommandResult.Residual"/>.</summary>
    public int Residual { get; internal set; }
    public int SenseLength { get; private set; }
    public ReadOnlySpan<byte> Sense => sense.AsSpan(0, SenseLength);
    /// <summary>Bytes that were moved, going by the residual.</summary>
    public int Transferred => Direction == DataDirection.None ? 0 : Data.Length - Math.Max(0, Residual);
    public bool IsGood => Outcome == CommandOutcome.Completed && Status == ScsiStatus.Good;

    /// <summary>The result as a value; allocates when there is sense data.</summary>
    public CommandResult ToResult() => new(Outcome, Status, Residual, SenseLength == 0 ? default : Sense.ToArray());

    internal CommandStage Stage { get; set; }
    internal int RetriesLeft { get; set; }
    internal Instant Deadline { get; set; }
    /// <summary>The error handler has it.</summary>
    internal bool IsExpired { get; set; }
    /// <summary>Its place in the transport while it runs.</summary>
    internal object? Task { get; set; }
    internal DiskCommand? Next { get; set; }
    internal DiskCommand? Previous { get; set; }
    internal CommandQueue? Queue { get; set; }

    /// <summary>Its end is known: no timer and no error handling is for it any more.</summary>
    internal void MarkAnswered() => (Deadline, IsExpired) = (Instant.Never, false);

    internal void ClearResult()
    {
        (Outcome, Status, Residual, SenseLength) = (CommandOutcome.Completed, ScsiStatus.Good, 0, 0);
    }

    internal void SetSense(ReadOnlySpan<byte> value)
    {
        if (sense.Length == 0) sense = new byte[MaxSenseLength];
        SenseLength = Math.Min(value.Length, MaxSenseLength);
        value[..SenseLength].CopyTo(sense);
    }
}
