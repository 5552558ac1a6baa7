using System.Buffers;

namespace Weft.Protocol.Nbd;

/// <summary>A request under way, and the memory of its data. Used again and again; the reply's header goes before the data.</summary>
public sealed class NbdJob
{
    private byte[] buffer = [];

    internal NbdJob(NbdServer server) => Server = server;

    public NbdRequest Request { get; private set; }
    /// <summary>Data of a WRITE; where the data of a READ belongs. Empty for other requests.</summary>
    public Memory<byte> Data { get; private set; }
    internal NbdServer Server { get; }
    internal ReadOnlyMemory<byte> Reply { get; private set; }

    /// <summary>Ends the request, once. It may run inside <see cref="INbdDisk.Start"/>.</summary>
    public void Complete(NbdError error) => Server.OnCompleted(this, error);

    internal void Begin(in NbdRequest request)
    {
        Request = request;
        var length = request.Command is NbdCommand.Read or NbdCommand.Write ? (int)request.Length : 0;
        buffer = ArrayPool<byte>.Shared.Rent(NbdReply.HeaderLength + length);
        Data = buffer.AsMemory(NbdReply.HeaderLength, length);
    }

    internal void SetReply(NbdError error)
    {
        new NbdReply(error, Request.Cookie).Write(buffer);
        Reply = buffer.AsMemory(0, NbdReply.HeaderLength + (error == NbdError.None && Request.Command == NbdCommand.Read ? Data.Length : 0));
    }

    internal void End()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        (buffer, Data, Reply) = ([], default, default);
    }
}
