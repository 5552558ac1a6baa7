#pragma warning disable RS0030 // the receiver is a thread of its own, as the other host would be
using System.Threading;
using Weft.Protocol.Ethernet;

namespace Weft.Fabric.Hw.Linux;

/// <summary>
/// Frames through two links by sendmmsg and recvmmsg and nothing else: what the packet path could reach at most. The receiver answers so many
/// frames with a short one, and the sender keeps a window, as acknowledged traffic does, so that nothing is lost.
/// </summary>
/// <param name="length">Of a frame, in bytes.</param>
/// <param name="window">Frames sent and not answered, at most.</param>
/// <param name="answerEvery">Frames for one answer.</param>
public sealed class PlainLoop(SocketLink from, SocketLink to, int length, int window, int answerEvery)
{
    private const int AnswerLength = 62; // Ethernet, IPv4, UDP, BTH, AETH, ICRC, as an acknowledgement has them
    private volatile bool isOver;

    /// <summary>Sends, on the calling thread, until it is told to stop.</summary>
    /// <param name="done">Is told how many more frames have arrived, and answers whether to go on.</param>
    /// <exception cref="LinkException">A call failed.</exception>
    public void Run(Func<int, bool> done)
    {
        isOver = false;
        var receiver = new Thread(Answer);
        receiver.Start();
        try
        {
            var end = new PlainEnd(from, Frame(length));
            for (var underWay = 0; ;)
            {
                // In whole batches, as the receiver frees them: single frames would cost a call each.
                while (window - underWay >= Math.Min(PlainEnd.Batch, window)) underWay += end.Send(window - underWay);
                var answers = end.Wait(AnswerLength);
                var arrived = answers == 0 ? underWay : answers * answerEvery; // none for long: lost
                underWay -= arrived;
                if (answers > 0 && !done(arrived)) return;
            }
        }
        finally
        {
            isOver = true;
            receiver.Join();
        }
    }

    private void Answer()
    {
        var end = new PlainEnd(to, Frame(AnswerLength));
        var unanswered = 0;
        while (!isOver)
        {
            unanswered += end.Wait(length);
            if (unanswered >= answerEvery) unanswered -= answerEvery * end.Send(unanswered / answerEvery);
        }
    }

    /// <summary>Of zeros, from and to stations that are not the interfaces', and of the type of a RoCEv2 frame: the kernel treats it as one.</summary>
    private static byte[] Frame(int length)
    {
        var frame = new byte[length];
        new EthernetHeader(new(0x0277_0000_0002), new(0x0277_0000_0001), EtherType.IPv4).Write(frame);
        return frame;
    }
}
