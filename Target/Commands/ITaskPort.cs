namespace Weft.Target.Commands;

/// <summary>
/// What the command core asks of a front end (an iSER, SRP or iSCSI connection). All calls, both ways, are made on the node's executor.
/// <para>
/// One command: the front end fills a <see cref="ScsiTask"/> and calls <see cref="TargetDevice.Submit"/>. The core then makes any number of
/// moves, one at a time (<see cref="FetchDataOut"/> or <see cref="SendDataIn"/>, each answered by exactly one
/// <see cref="ScsiTask.TransferDone"/> or <see cref="ScsiTask.TransferFailed"/>), and at the end exactly one <see cref="Finish"/> or
/// <see cref="Drop"/>, by which the task belongs to the front end again. Answers may come inside the call or any time later.
/// <see cref="TargetDevice.CloseNexus"/> may be called from inside any of these; commands and functions may be submitted from inside
/// <see cref="Finish"/>, <see cref="Drop"/> and <see cref="ManagementDone"/> only.
/// </para>
/// </summary>
public interface ITaskPort
{
    /// <summary>
    /// Lends a buffer of at least min(<paramref name="wanted"/>, <see cref="TargetDevice.SmallestBuffer"/>) bytes; more than
    /// <paramref name="wanted"/> is no harm. A large transfer is moved in pieces of the size that comes back, so this bounds the memory of
    /// a session. The buffer may already hold the data (immediate data in a receive buffer): then <see cref="FetchDataOut"/> has nothing
    /// to do. Null: none free now; the front end calls <see cref="ScsiTask.BufferAvailable"/> once when there is, and is asked again; the promise ends when the task comes back.
    /// </summary>
    DataBuffer? TakeBuffer(ScsiTask task, int wanted);

    /// <summary>Takes a lent buffer back. Nothing moves in it any more.</summary>
    void ReturnBuffer(ScsiTask task, DataBuffer buffer);

    /// <summary>
    /// Brings bytes <paramref name="offset"/>..+<paramref name="length"/> of the command's data-out to the start of the buffer.
    /// Never asks beyond <see cref="ScsiTask.DataOutLength"/>; offsets ascend without gap.
    /// </summary>
    void FetchDataOut(ScsiTask task, long offset, DataBuffer buffer, int length);

    /// <summary>
    /// Sends the first <paramref name="length"/> bytes of the buffer to <paramref name="offset"/> of the command's data-in buffer.
    /// Never goes beyond <see cref="ScsiTask.DataInLength"/>. Answer when the buffer may be written again; for the last piece
    /// (<paramref name="isLast"/>) it may be answered at once if the front end keeps the buffer safe until the wire is done with it: the
    /// core then calls <see cref="ReturnBuffer"/> and <see cref="Finish"/>, and the front end sends data and status in that order.
    /// </summary>
    void SendDataIn(ScsiTask task, long offset, DataBuffer buffer, int length, bool isLast);

    /// <summary>
    /// The task was aborted while a move is under way: end it as soon as may be (forget data that has not arrived, wait for RDMA that is
    /// posted) and then answer it as always, by done or failed; which of the two does not matter. May answer inside this call.
    /// </summary>
    void StopTransfer(ScsiTask task);

    /// <summary>The command has ended: send status, sense and residuals, then reuse the task.</summary>
    void Finish(ScsiTask task);

    /// <summary>The command was aborted and gets no response: reuse the task.</summary>
    void Drop(ScsiTask task);

    /// <summary>
    /// A task management function has its answer in <see cref="TaskManagementRequest.Response"/>. No affected task moves data any more,
    /// and every response of an affected task was handed over before.
    /// </summary>
    void ManagementDone(TaskManagementRequest request);

    /// <summary>
    /// All tasks of a nexus closed by <see cref="TargetDevice.CloseNexus"/> are back and its functions answered (to nobody); nothing of it
    /// is left in the core.
    /// </summary>
    void NexusClosed(Nexus nexus);
}
