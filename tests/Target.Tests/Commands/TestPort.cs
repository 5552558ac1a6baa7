using Weft.Fabric.Execution;
using Weft.Protocol.Scsi;
using Weft.Target.Commands;

namespace Weft.Target.Tests.Commands;

/// <summary>A front end in memory. Moves are done at once, or in a lane of the executor when one is given.</summary>
internal sealed class TestPort : ITaskPort
{
    private readonly ILane? moves;
    private readonly Stack<DataBuffer> free = new();
    private readonly Queue<ScsiTask> waiting = new();
    private readonly int bufferLength;

    /// <summary>What the initiator sees, in order.</summary>
    public readonly List<string> Wire = [];
    public bool Logs = true;
    public int Lent, ClosedCount;
    /// <summary>Called at the start of every call of the core, with its name.</summary>
    public Action<string>? OnCall;

    public TestPort(OrderExecutor? executor = null, int buffers = 64, int bufferLength = TargetDevice.SmallestBuffer)
    {
        moves = executor?.CreateLane("moves", ChoiceKind.Delivery);
        this.bufferLength = bufferLength;
        for (var i = 0; i < buffers; i++) free.Push(new(new byte[bufferLength]));
    }

    public DataBuffer? TakeBuffer(ScsiTask task, int wanted)
    {
        OnCall?.Invoke(nameof(TakeBuffer));
        if (free.TryPop(out var buffer))
        {
            Lent++;
            return buffer;
        }
        waiting.Enqueue(task);
        return null;
    }

    public void ReturnBuffer(ScsiTask task, DataBuffer buffer)
    {
        OnCall?.Invoke(nameof(ReturnBuffer));
        Lent--;
        Array.Fill(System.Runtime.InteropServices.MemoryMarshal.TryGetArray<byte>(buffer.Memory, out var array) ? array.Array! : [], (byte)0xA5);
        free.Push(buffer);
        while (free.Count > 0 && waiting.TryDequeue(out var next))
            if (next.State == TaskState.AwaitBuffer) next.BufferAvailable(); // the others were aborted meanwhile
    }

    public void FetchDataOut(ScsiTask task, long offset, DataBuffer buffer, int length)
    {
        OnCall?.Invoke(nameof(FetchDataOut));
        Start(task, true, offset, buffer.Memory[..length]);
    }

    public void SendDataIn(ScsiTask task, long offset, DataBuffer buffer, int length, bool isLast)
    {
        OnCall?.Invoke(nameof(SendDataIn));
        if (offset + length > task.DataInLength) throw new InvalidOperationException("data-in beyond the initiator's room");
        Start(task, false, offset, buffer.Memory[..length]);
    }

    private void Start(ScsiTask task, bool isOut, long offset, Memory<byte> memory)
    {
        var move = ((TestTask)task).Move;
        (move.IsOut, move.Offset, move.Memory, move.IsStopped) = (isOut, offset, memory, false);
        if (moves is null) move.Run();
        else moves.Post(move);
    }

    public void StopTransfer(ScsiTask task) => ((TestTask)task).Move.IsStopped = true;

    public void Finish(ScsiTask task)
    {
        OnCall?.Invoke(nameof(Finish));
        Record((TestTask)task, Logs ? Describe(task) : "");
    }

    public void Drop(ScsiTask task) => Record((TestTask)task, "dropped");

    private void Record(TestTask task, string outcome)
    {
        if (!Logs) return;
        task.Outcomes.Add(outcome);
        Wire.Add($"{task.Tag}: {outcome}");
    }

    public void ManagementDone(TaskManagementRequest request) => Wire.Add($"{request.Function}: {request.Response}");

    public void NexusClosed(Nexus nexus)
    {
        ClosedCount++;
        Wire.Add("closed");
    }

    public static string Describe(ScsiTask task)
    {
        var text = task.Status == ScsiStatus.CheckCondition ? task.Sense.ToString() : task.Status.ToString();
        if (task.DataInResidual != 0) text += $" in{task.DataInResidual:+0;-0}";
        if (task.DataOutResidual != 0) text += $" out{task.DataOutResidual:+0;-0}";
        return text;
    }
}
