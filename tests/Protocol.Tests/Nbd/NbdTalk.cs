using Weft.Protocol.Nbd;

namespace Weft.Protocol.Tests.Nbd;

/// <summary>Hands bytes to a server in pieces and collects what it answers.</summary>
internal static class NbdTalk
{
    public const NbdTransmissionFlags All = NbdTransmissionFlags.HasFlags | NbdTransmissionFlags.SendFlush | NbdTransmissionFlags.SendFua
        | NbdTransmissionFlags.SendTrim | NbdTransmissionFlags.SendWriteZeroes | NbdTransmissionFlags.CanMultiConn;

    public static NbdExport Export(int size = 1 << 20, NbdTransmissionFlags flags = All) => new("disk", "a disk", (ulong)size, flags);

    /// <param name="piece">Bytes that arrive at once, and bytes that are sent at once.</param>
    public static (byte[] Answers, bool IsFinished) Run(NbdExport export, RamDisk disk, ReadOnlySpan<byte> input, int piece = int.MaxValue)
    {
        var server = new NbdServer(export, disk);
        var answers = new MemoryStream();
        Send(server, answers, piece);
        while (!input.IsEmpty && !server.IsFinished)
        {
            var room = server.Input;
            if (room.IsEmpty)
            {
                if (disk.Waiting.Count == 0) break; // it takes no more
                disk.AnswerAll();
                Send(server, answers, piece);
                continue;
            }
            var count = Math.Min(Math.Min(piece, room.Length), input.Length);
            input[..count].CopyTo(room.Span);
            input = input[count..];
            server.OnReceived(count);
            Send(server, answers, piece);
        }
        disk.AnswerAll();
        Send(server, answers, piece);
        var isFinished = server.IsFinished;
        server.OnGone();
        Assert.Equal(0, server.Jobs);
        server.Dispose();
        return (answers.ToArray(), isFinished);
    }

    private static void Send(NbdServer server, MemoryStream answers, int piece)
    {
        while (server.Output is { IsEmpty: false } output)
        {
            var count = Math.Min(piece, output.Length);
            answers.Write(output.Span[..count]);
            server.OnSent(count);
        }
    }
}
