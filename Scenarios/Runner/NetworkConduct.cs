using Weft.Initiator;
using Weft.Initiator.Commands;
using Weft.Protocol.Scsi;

namespace Weft.Scenarios.Runner;

/// <summary>
/// What chance has done to the frames of a run, and what it may therefore bring about above: the one place that says so. Claims ask it
/// instead of making allowances of their own. It goes by what happened, not by what the settings made possible: a run of which no frame
/// came to harm is held to the same claims as one on a clean network. Faults that a scenario plans are its own business and count for nothing.
/// </summary>
public sealed class NetworkConduct
{
    /// <summary>
    /// Longer than the longest way to give up and begin anew: a REQ or REP is sent 16 times, 4.3 s apart (IBA 12.9.8), a DREQ as often, a
    /// packet 8 times within at most four times its timeout each (IBA 9.9.2.1.1), and a login has its own limit.
    /// </summary>
    public static readonly Duration Patience = Duration.FromSeconds(600);

    /// <summary>
    /// So often is a thing tried that the network may spoil: a login, a command, a connection of a program that does not try again itself.
    /// </summary>
    public const int MostAttempts = 8;

    private readonly IStage stage;

    internal NetworkConduct(IStage stage) => this.stage = stage;

    /// <summary>Whether a frame was lost or damaged.</summary>
    public bool HasLost => stage.FramesLost > 0;
    /// <summary>Whether anything at all was done to a frame.</summary>
    public bool HasMeddled => HasLost || stage.FramesDisturbed > 0;

    /// <summary>
    /// A connection may end without a reason of its own: retries are used up, an address does not resolve, the other side's farewell never
    /// came (IBA 9.9.2.4.1, 12.9.8). It takes several losses for that; which ones is the engine's business and tested there.
    /// </summary>
    public bool MayCutConnections => HasLost;

    /// <summary>
    /// Where requests are refused, the REJ of a doubled REQ may arrive when the connection of the other copy stands, and ends it (IBA 12.9.8.3.1);
    /// or the copy comes when a later login stands, and is one itself, which takes that one's place (SRP r16a 6.2).
    /// </summary>
    public bool MayRefuseLate => HasMeddled;

    /// <summary>So many logins, sessions, repetitions: each connection that the network cut makes one more.</summary>
    public bool Counts(long seen, long expected) => seen == expected || seen > expected && MayCutConnections;

    /// <summary>
    /// So many connections at the passive side. A REQ that comes again after its refusal is forgotten makes one that nobody wants and that
    /// ends when its REP is rejected or never confirmed; a doubled frame is enough for that (IBA 12.9.8.3.1).
    /// </summary>
    public bool CountsConnections(long seen, long expected) => seen == expected || seen > expected && HasMeddled;

    /// <summary>
    /// So many messages of the connection manager on the wire. They are datagrams: one that is lost is sent again, and so is the answer to
    /// one that came twice (IBA 12.9.8); its frames say nothing of how often it was meant.
    /// </summary>
    public bool CountsMessages(long seen, long expected) => seen == expected || HasMeddled;

    /// <summary>An end that is in time; what waits for a message waits for its repetition, and an early cut ends things early.</summary>
    public bool InTime(Duration took, Duration earliest, Duration latest) => took >= earliest && took <= latest || HasMeddled;

    /// <summary>A session that lives and needed so many logins. One whose connection was cut may be on its way back.</summary>
    public bool LivesOn(InitiatorSession session, int logins = 1) =>
        Counts(session.Logins, logins) && (session.State == SessionState.LoggedIn || MayCutConnections && session.State != SessionState.Closed);

    /// <summary>
    /// The end of a command that nobody interfered with: GOOD. Where its connection was cut it has no answer, or that of the next session,
    /// whose first one is a unit attention (SAM-5 5.14).
    /// </summary>
    public bool Answers(DiskCommand command) => command.IsGood || MayCutConnections && (IsCutOff(command) || HasUnitAttention(command));

    /// <summary>Whether a session that has just begun answers so, to a command that it did not do.</summary>
    public static bool HasUnitAttention(DiskCommand command) => command is { Outcome: CommandOutcome.Completed, Status: ScsiStatus.CheckCondition }
        && Sense.TryRead(command.Sense, out var sense) && sense.Key == SenseKey.UnitAttention;

    /// <summary>Whether a command ended with its connection, without an answer.</summary>
    public static bool IsCutOff(DiskCommand command) => command.Outcome is CommandOutcome.TransportDisrupted or CommandOutcome.TransportFailed;
}
