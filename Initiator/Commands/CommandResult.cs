namespace Weft.Initiator.Commands;

/// <summary>How a command ended, as a value.</summary>
/// <param name="Status">SCSI status; only with <see cref="CommandOutcome.Completed"/>.</param>
/// <param name="Residual">Bytes: positive, the target moved that many less than was asked for; negative, it had that many more.</param>
/// <param name="Sense">Sense data as it came, empty when there was none.</param>
public readonly record struct CommandResult(CommandOutcome Outcome, ScsiStatus Status, int Residual, ReadOnlyMemory<byte> Sense)
{
    public bool IsGood => Outcome == CommandOutcome.Completed && Status == ScsiStatus.Good;

    /// <summary>The sense data read, or nothing.</summary>
    public bool TryGetSense(out Sense sense) => Protocol.Scsi.Sense.TryRead(Sense.Span, out sense);

    public override string ToString() =>
        Outcome != CommandOutcome.Completed ? Outcome.ToString() : TryGetSense(out var sense) ? $"{Status}: {sense}" : Status.ToString();
}
