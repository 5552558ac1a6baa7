using Weft.Protocol.Nbd;

namespace Weft.Protocol.Tests.Nbd;

/// <summary>A disk in memory that answers at once, or only when told to.</summary>
internal sealed class RamDisk(int size, bool answersLater = false) : INbdDisk
{
    public byte[] Content { get; } = new byte[size];
    public Queue<NbdJob> Waiting { get; } = new();
    public List<string> Done { get; } = [];

    public void Start(NbdJob job)
    {
        if (answersLater) Waiting.Enqueue(job);
        else Carry(job);
    }

    public void AnswerAll()
    {
        while (Waiting.TryDequeue(out var job)) Carry(job);
    }

    private void Carry(NbdJob job)
    {
        var request = job.Request;
        var data = job.Data.Span;
        var place = Content.AsSpan((int)request.Offset, (int)request.Length);
        switch (request.Command)
        {
            case NbdCommand.Read: place.CopyTo(data); break;
            case NbdCommand.Write: data.CopyTo(place); break;
            case NbdCommand.WriteZeroes or NbdCommand.Trim: place.Clear(); break;
        }
        Done.Add($"{request.Command} {request.Offset}+{request.Length}{(request.IsFua ? " FUA" : "")}");
        job.Complete(NbdError.None);
    }
}
