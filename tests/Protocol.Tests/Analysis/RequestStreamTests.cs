using Weft.Protocol.Analysis;
using Weft.Protocol.Ib;

namespace Weft.Protocol.Tests.Analysis;

public class RequestStreamTests
{
    [Theory]
    [InlineData(PsnRecord.Seen | PsnRecord.InRead | PsnRecord.ReadStart | PsnRecord.ReadEnd, BthOpcode.RcReadRequest, 0)]
    [InlineData(PsnRecord.Seen | PsnRecord.InRead | PsnRecord.ReadStart | PsnRecord.ReadEnd | PsnRecord.Answered, BthOpcode.RcReadRequest, 1)]
    [InlineData(PsnRecord.Seen, BthOpcode.RcCompareSwap, 0)]
    [InlineData(PsnRecord.Seen, BthOpcode.RcSendOnly, 1)]
    public void A_READ_or_atomic_that_is_forgotten_unanswered_is_outstanding_no_longer(int flags, BthOpcode opcode, int outstanding)
    {
        var stream = new RequestStream(null!);
        stream.Start(new(0), isWhole: true);
        stream.Extend(new(1));
        stream[new(0)] = new PsnRecord { Flags = (byte)flags, Opcode = opcode };
        stream.OutstandingReads = 1;
        for (var psn = 1u; psn < 500; psn++)
        {
            stream.Acknowledged = new(psn); // a later response acknowledged all before it
            stream.Extend(new(psn + 1));
        }
        Assert.False(stream.Remembers(new(0)));
        Assert.Equal(outstanding, stream.OutstandingReads);
    }
}
