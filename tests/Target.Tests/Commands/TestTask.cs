using Weft.Fabric.Execution;
using Weft.Protocol.Scsi;
using Weft.Target.Commands;

namespace Weft.Target.Tests.Commands;

/// <summary>A command with the initiator's memory, and what became of it.</summary>
internal sealed class TestTask : ScsiTask
{
    public readonly List<string> Outcomes = [];
    public readonly MoveItem Move;
    public byte[] DataOut = [];
    public byte[] DataIn = [];
    public bool FailsMove;
    public int Moves;

    public TestTask() => Move = new(this);

    public static TestTask For(Cdb cdb, byte[]? dataOut = null, int dataIn = 0, ulong tag = 1, int lun = 0, TaskAttribute attribute = TaskAttribute.Simple) =>
        new TestTask().Fill(cdb, dataOut ?? [], new byte[dataIn], tag, lun, attribute);

    public TestTask Fill(Cdb cdb, byte[] dataOut, byte[] dataIn, ulong tag, int lun = 0, TaskAttribute attribute = TaskAttribute.Simple)
    {
        (Cdb, DataOut, DataIn, Tag, Lun, Attribute) = (cdb, dataOut, dataIn, tag, Protocol.Scsi.Lun.From(lun), attribute);
        (DataOutLength, DataInLength) = (dataOut.Length, dataIn.Length);
        Outcomes.Clear();
        return this;
    }

    public string Outcome => Outcomes.Count == 1 ? Outcomes[0] : $"{Outcomes.Count} outcomes: {string.Join(" + ", Outcomes)}";

    /// <summary>A move on its way.</summary>
    internal sealed class MoveItem(TestTask task) : WorkItem
    {
        public bool IsOut, IsStopped;
        public long Offset;
        public Memory<byte> Memory;

        public override void Run()
        {
            if (!IsStopped && !task.FailsMove)
            {
                if (IsOut) task.DataOut.AsSpan((int)Offset, Memory.Length).CopyTo(Memory.Span);
                else Memory.Span.CopyTo(task.DataIn.AsSpan((int)Offset));
                task.Moves++;
            }
            if (task.FailsMove) task.TransferFailed(new(SenseKey.AbortedCommand, AdditionalSense.DataPhaseError));
            else task.TransferDone();
        }
    }
}
