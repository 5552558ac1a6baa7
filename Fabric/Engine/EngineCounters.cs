namespace Weft.Fabric.Engine;

/// <summary>What a device has seen; for tests, reports and benchmarks.</summary>
internal sealed class EngineCounters
{
    public long PacketsSent, PacketsReceived, Retransmissions, Timeouts, SequenceNaksSent, RnrNaksSent, Duplicates, AcksSent;
    public long DroppedByHeader, DroppedByQp, DroppedByState, DroppedByPKey, DroppedByQKey, DroppedByAddress, DroppedByNoReceive;
}
