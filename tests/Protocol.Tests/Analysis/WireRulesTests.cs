using Weft.Protocol.Analysis;
using Weft.Protocol.Capture;
using Weft.Protocol.Ib;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Roce;

namespace Weft.Protocol.Tests.Analysis;

/// <summary>
/// Each rule, shown to break: a capture of real peers, in which nothing is wrong, gets one fault, and that fault is what is found.
/// </summary>
public sealed class WireRulesTests
{
    private static readonly Dictionary<string, (string Capture, string Rule, Action<Tape> Break)> Faults = new()
    {
        // Transport
        ["an ACK for what was not sent"] = ("rping.pcap", "ack-unsent", t => t.Edit(Ack(t, 3), (f, at) => f[at + 10]++)),
        ["an MSN that runs ahead"] = ("iser-basic.pcap", "msn", t => t.Edit(Ack(t, 9), (f, at) => f[at + 15] += 9)),
        ["an MSN that stays behind"] = ("srp-basic.pcap", "msn", t => t.Edit(Ack(t, 9), (f, at) => f[at + 15] -= 1)),
        ["a NAK for what was not sent"] = ("rping.pcap", "ack-unsent", t => t.Edit(Ack(t, 3), (f, at) => (f[at + 10], f[at + 12]) = ((byte)(f[at + 10] + 1), 0x60))),
        ["a READ response out of its place"] = ("iser-large.pcap", "read-response", t => t.Edit(Of(t, BthOpcode.RcReadResponseLast, 1), (f, at) => f[at + 11]--)),
        ["a READ that nobody sent is answered"] = ("rping.pcap", "read-response", t => t.Edit(Ack(t, 4), (f, at) => f[at] = (byte)BthOpcode.RcReadResponseOnly)),
        ["another partition"] = ("iser-basic.pcap", "p-key", t => t.Edit(Ack(t, 5), (f, at) => (f[at + 2], f[at + 3]) = (0x80, 0x01))),
        ["a Middle of another kind of message"] = ("iser-large.pcap", "opcode-sequence", t => t.Edit(Of(t, BthOpcode.RcWriteMiddle, 3), (f, at) => f[at] = (byte)BthOpcode.RcSendMiddle)),
        ["an Only inside a message"] = ("srp-basic.pcap", "opcode-sequence", t => t.Edit(Of(t, BthOpcode.RcSendMiddle, 0), (f, at) => f[at] = (byte)BthOpcode.RcSendOnly)),
        ["a Last as long as nothing"] = ("iser-mtu4096.pcap", "payload-size", t => t.Edit(Of(t, BthOpcode.RcSendOnly, 20), (f, at) => f[at] = (byte)BthOpcode.RcSendFirst)),
        ["a WRITE shorter than it says"] = ("iser-large.pcap", "write-length", t => t.Edit(Of(t, BthOpcode.RcWriteFirst, 2), (f, at) => f[at + 27]++)),
        ["a READ again for other memory"] = ("rping.pcap", "retransmission", t => RepeatEdited(t, Of(t, BthOpcode.RcReadRequest, 0), (f, at) => f[at + 19]++)),
        ["a request again as another"] = ("iser-basic.pcap", "retransmission", t => RepeatEdited(t, t.Find(IscsiOpcode.ScsiCommand, 3), (f, at) => f[at] = (byte)BthOpcode.RcSendLast)),
        ["a retransmission before the RNR timer"] = ("perf-rnr.pcap", "rnr-early", t => RnrEarly(t)),
        ["more READs than the other side answers"] = ("iser-large.pcap", "read-depth", t => t.EditPayload(t.FindCm(0x10), (f, at) => f[at + 24 + 35] = 0)),

        // Connection management
        ["a DREQ for another QP"] = ("rping.pcap", "cm-dreq-qp", t => t.EditPayload(t.FindCm(0x15), (f, at) => f[at + 24 + 10]++)),
        ["a REP of another transaction"] = ("rping.pcap", "cm-transaction", t => t.EditPayload(t.FindCm(0x13), (f, at) => f[at + 15]++)),
        ["a DREP of another transaction"] = ("rping.pcap", "cm-transaction", t => t.EditPayload(t.FindCm(0x16), (f, at) => f[at + 15]++)),
        ["a DREP before a DREQ"] = ("rping.pcap", "cm-drep-state", t => t.EditPayload(t.FindCm(0x14), (f, at) => f[at + 17] = 0x16)),
        ["a repeated REQ with another PSN"] = ("rping.pcap", "cm-req-changed", t => RepeatEdited(t, t.FindCm(0x10), (f, at) => f[at + 20 + 24 + 46]++)),
        ["a CM message with a strange Q_Key"] = ("rping.pcap", "cm-q-key", t => t.Edit(t.FindCm(0x14), (f, at) => f[at + 15]++)),

        // iSCSI over iSER
        ["a CmdSN left out"] = ("iser-basic.pcap", "cmd-sn", t => Pdu(t, IscsiOpcode.ScsiCommand, 5, 24, 1)),
        ["a command outside the window"] = ("iser-basic.pcap", "cmd-window", t => Pdu(t, IscsiOpcode.ScsiCommand, 5, 24, 200)),
        ["a StatSN left out"] = ("iser-basic.pcap", "stat-sn", t => Pdu(t, IscsiOpcode.ScsiResponse, 5, 24, 1)),
        ["a status that was never sent is acknowledged"] = ("iser-basic.pcap", "exp-stat-sn", t => Pdu(t, IscsiOpcode.ScsiCommand, 5, 28, 4)),
        ["a command expected that was never sent"] = ("iser-basic.pcap", "exp-cmd-sn", t => Pdu(t, IscsiOpcode.ScsiResponse, 5, 28, 3)),
        ["an answer to nothing"] = ("iser-basic.pcap", "answered-once", t => Pdu(t, IscsiOpcode.ScsiResponse, 5, 16, 77)),
        ["a command answered as a ping"] = ("iser-basic.pcap", "answered-once", t => t.EditPayload(t.Find(IscsiOpcode.ScsiResponse, 5), (f, at) => f[at + 28] = 0x20)),
        ["a task tag used twice at once"] = ("iser-basic.pcap", "task-tag", t => TagTwice(t)),
        ["a Login Request in the middle of work"] = ("iser-basic.pcap", "login-again", t => t.EditPayload(t.Find(IscsiOpcode.ScsiCommand, 9), (f, at) => f[at + 28] = 0x43)),
        ["a command before the login is done"] = ("iser-chap.pcap", "login-first", t => t.EditPayload(t.Find(IscsiOpcode.LoginRequest, 1), (f, at) => f[at + 28] = 0x40)),
        ["a login that goes back a stage"] = ("iser-chap.pcap", "login-stage", t => t.EditPayload(t.Find(IscsiOpcode.LoginRequest, 3), (f, at) => f[at + 29] &= 0xF3)),
        ["a transit that was not asked for"] = ("iser-chap.pcap", "login-stage", t => t.EditPayload(t.Find(IscsiOpcode.LoginResponse, 0), (f, at) => f[at + 29] = 0x81)),
        ["no TSIH at the end of the login"] = ("iser-basic.pcap", "tsih", t => t.EditPayload(t.Find(IscsiOpcode.LoginResponse, 1), (f, at) => (f[at + 42], f[at + 43]) = (0, 0))),
        ["unsolicited data against InitialR2T=Yes"] = ("iser-imm-yes-r2t-no.pcap", "unsolicited-data", t => t.Replace(t.Find(IscsiOpcode.LoginResponse, 0), "InitialR2T=No", "InitialR2T=Ye")),
        ["immediate data against ImmediateData=No"] = ("iser-imm-yes-r2t-no.pcap", "immediate-data", t => t.Replace(t.Find(IscsiOpcode.LoginResponse, 0), "ImmediateData=Yes", "ImmediateData=Noo")),
        ["more than the first burst"] = ("iser-imm-yes-r2t-no.pcap", "first-burst", t => t.Replace(t.Find(IscsiOpcode.LoginResponse, 0), "FirstBurstLength=65536", "FirstBurstLength=00512")),
        ["more than the target's data segment"] = ("iser-imm-yes-r2t-no.pcap", "data-segment-length", t => t.Replace(t.Find(IscsiOpcode.LoginResponse, 0), "TargetRecvDataSegmentLength=8192", "TargetRecvDataSegmentLength=0512")),
        ["a Data-Out left out"] = ("iser-imm-yes-r2t-no.pcap", "data-sn", t => Pdu(t, IscsiOpcode.DataOut, 1, 36, 1)),
        ["Data-Out at a wrong place"] = ("iser-imm-yes-r2t-no.pcap", "buffer-offset", t => Pdu(t, IscsiOpcode.DataOut, 1, 40, 512)),
        ["a solicited Data-Out over iSER"] = ("iser-imm-yes-r2t-no.pcap", "solicited-data", t => Pdu(t, IscsiOpcode.DataOut, 1, 20, 2)),
        ["an R2T over iSER"] = ("iser-basic.pcap", "iser-pdu", t => t.EditPayload(t.Find(IscsiOpcode.ScsiResponse, 5), (f, at) => f[at + 28] = 0x31)),
        ["a PDU of the other side"] = ("iser-basic.pcap", "iscsi-direction", t => t.EditPayload(t.Find(IscsiOpcode.NopOut), (f, at) => f[at + 28] = 0x20)),
        ["a wrong key invalidated"] = ("iser-basic.pcap", "remote-invalidate", t => t.Edit(Of(t, BthOpcode.RcSendOnlyInvalidate, 4), (f, at) => f[at + 13]++)),
        ["an invalidation that was not agreed on"] = ("iser-basic.pcap", "remote-invalidate", t => t.EditPayload(t.FindCm(0x13, 1), (f, at) => f[at + 24 + 36] = 0xC0)),
        ["an STag from the target"] = ("iser-basic.pcap", "stag-flags", t => t.EditPayload(t.Find(IscsiOpcode.ScsiResponse, 5), (f, at) => f[at] |= 0x08)),
        ["memory that nobody lent"] = ("iser-basic.pcap", "key-range", t => t.Edit(Of(t, BthOpcode.RcWriteOnly, 4), (f, at) => f[at + 21] ^= 0x40)),
        ["memory beyond what was lent"] = ("iser-basic.pcap", "key-range", t => t.Edit(Of(t, BthOpcode.RcWriteOnly, 4), (f, at) => f[at + 18] ^= 0x40)),
        ["memory after its invalidation"] = ("iser-basic.pcap", "key-use", t => OldKey(t)),
        ["RDMA by the initiator"] = ("iser-basic.pcap", "iser-initiator-rdma", t => InitiatorRead(t)),

        // SRP
        ["requests beyond the limit"] = ("srp-basic.pcap", "srp-limit", t => t.EditPayload(t.FindCm(0x13), (f, at) => Tape.Add32(f, at + 24 + 36 + 4, unchecked((uint)-128)))),
        ["an SRP answer to nothing"] = ("srp-basic.pcap", "answered-once", t => t.EditPayload(t.FindSrp(0xC1, 5), (f, at) => f[at + 15]++)),
        ["an SRP tag used twice at once"] = ("srp-multichannel.pcap", "srp-tag", t => RepeatSrp(t)),
        ["an SRP unit longer than agreed"] = ("srp-basic.pcap", "srp-length", t => t.EditPayload(t.FindCm(0x13), (f, at) => (f[at + 24 + 36 + 18], f[at + 24 + 36 + 19]) = (0, 64))),
        ["memory that no SRP command lent"] = ("srp-basic.pcap", "key-range", t => t.Edit(Of(t, BthOpcode.RcWriteOnly, 6), (f, at) => f[at + 21] ^= 0x40)),
        ["memory after the SRP answer"] = ("srp-basic.pcap", "key-use", t => t.Edit(Of(t, BthOpcode.RcWriteOnly, 9), (f, at) => f[at + 23] -= 3)),
        ["an invalidation in SRP"] = ("srp-basic.pcap", "srp-direction", t => t.EditPayload(t.FindSrp(0xC1, 5), (f, at) => f[at] = 0x41)),
    };

    public static TheoryData<string> Names { get; } = new(Faults.Keys);

    [Theory, MemberData(nameof(Names))]
    public void Found(string fault)
    {
        var (capture, rule, breakIt) = Faults[fault];
        var tape = Tape.Load(capture);
        Assert.DoesNotContain(tape.Judge(), f => f.Severity == FindingSeverity.Violation);
        breakIt(tape);
        var found = tape.Judge().Where(f => f.Severity == FindingSeverity.Violation).ToList();
        Assert.True(found.Exists(f => f.Violation.Rule == rule), $"wanted {rule}, found {(found.Count == 0 ? "nothing" : string.Join("\n", found.Take(5)))}");
    }

    [Fact]
    public void What_was_not_seen_is_a_note_and_a_violation_only_where_everything_is_seen()
    {
        var tape = Tape.Load("iser-basic.pcap");
        tape.Remove(tape.Find(IscsiOpcode.ScsiCommand, 7));
        var found = tape.Judge();
        Assert.Empty(found.Where(f => f.Severity == FindingSeverity.Violation).Select(f => f.ToString()));
        Assert.Contains(found, f => f.Violation.Rule == "psn-gap");
        Assert.Contains(tape.Judge(seesEverything: true), f => f.Violation.Rule == "ack-unsent" && f.Severity == FindingSeverity.Violation);
    }

    [Fact]
    public void A_packet_that_a_host_did_not_send_is_a_violation_unless_it_may_have_waited_for_an_address_in_vain()
    {
        var tape = Tape.Load("iser-basic.pcap");
        tape.Remove(tape.Find(IscsiOpcode.ScsiCommand, 7));
        bool IsGap(Finding f) => f.Violation.Rule == "psn-gap" && f.Severity == FindingSeverity.Violation;
        Assert.Contains(tape.Judge(seesEverything: true, direction: CaptureDirection.Outbound), IsGap);
        Assert.DoesNotContain(tape.Judge(seesEverything: true, direction: CaptureDirection.Outbound, asksForAddresses: true), IsGap);
    }

    /// <summary>A network may double a packet; then it arrives again although its sender waits.</summary>
    [Theory]
    [InlineData(CaptureDirection.Unknown, false, false, true)]
    [InlineData(CaptureDirection.Outbound, true, true, true)]
    [InlineData(CaptureDirection.Inbound, true, false, true)]
    [InlineData(CaptureDirection.Inbound, true, true, false)]
    [InlineData(CaptureDirection.Inbound, false, false, false)]
    public void A_packet_again_before_the_RNR_timer_is_a_violation_where_its_sender_is_to_blame(CaptureDirection direction, bool seesEverything, bool isDisturbed, bool isViolation)
    {
        var tape = Tape.Load("perf-rnr.pcap");
        RnrEarly(tape);
        var early = tape.Judge(seesEverything, direction: direction, isDisturbed: isDisturbed).First(f => f.Violation.Rule == "rnr-early");
        Assert.Equal(isViolation, early.Severity == FindingSeverity.Violation);
    }

    [Fact]
    public void A_REQ_that_comes_again_after_its_REJ_begins_anew()
    {
        var tape = Tape.Load("rping.pcap");
        var (req, rep) = (tape.FindCm(0x10), tape.FindCm(0x13));
        // In front of what was captured: the REQ, a REP from another attempt, its REJ; then the same REQ again.
        tape.Repeat(rep, behind: req);
        tape.Repeat(req + 1, behind: req + 1);
        tape.Repeat(req, behind: req + 2);
        for (var i = req + 1; i <= req + 2; i++) tape.EditPayload(i, (f, at) => Tape.Add32(f, at + 24, 1));
        tape.EditPayload(req + 2, (f, at) => f[at + 17] = 0x12);
        Assert.DoesNotContain(tape.Judge(), f => f.Severity == FindingSeverity.Violation);
    }

    [Fact]
    public void A_capture_that_starts_in_the_middle_breaks_no_rule()
    {
        foreach (var name in new[] { "iser-basic.pcap", "iser-large.pcap", "srp-basic.pcap", "srp-multichannel.pcap", "iser-mc-2sess.pcap" })
        {
            var tape = Tape.Load(name);
            for (var i = tape.Count / 3; i > 0; i--) tape.Remove(0);
            Assert.DoesNotContain(tape.Judge(), f => f.Severity == FindingSeverity.Violation);
        }
    }

    [Fact]
    public void Limits_that_grow_without_a_credit_request_are_noted()
    {
        var tape = Tape.Load("srp-basic.pcap");
        tape.EditPayload(tape.FindSrp(0xC1, 5), (f, at) => f[at + 7] = 5);
        Assert.Contains(tape.Judge(), f => f.Violation.Rule == "srp-limit-grows");
    }

    /// <summary>Fuzz: damaged packets with a good ICRC, lost, repeated and swapped frames: findings perhaps, exceptions never.</summary>
    [Fact]
    public void Nothing_makes_the_rules_throw()
    {
        var random = new Random(5);
        var names = new[] { "iser-imm-yes-r2t-no.pcap", "srp-abort-task.pcap", "rping.pcap", "perf-atomic.pcap", "iser-chap.pcap", "uc-pingpong.pcap" };
        var judged = 0L;
        for (var round = 0; judged < Fuzz.Fuzzer.Fraction(4); round++)
        {
            var tape = Tape.Load(names[round % names.Length]);
            for (var k = 0; k < 60; k++)
            {
                var i = random.Next(tape.Count);
                switch (random.Next(4))
                {
                    case 0:
                        tape.Remove(i);
                        break;
                    case 1:
                        tape.Repeat(i, random.Next(tape.Count));
                        break;
                    default:
                        if (RoceFrame.TryParse(tape[i], out var parts) != FrameFault.None) break;
                        tape.Edit(i, (f, at) => f[at + random.Next(Math.Min(80, parts.IcrcOffset - at))] = (byte)random.Next(256));
                        break;
                }
            }
            tape.Judge(seesEverything: round % 2 == 0, f => Assert.NotEmpty(f.ToString()));
            judged += tape.Count;
        }
        Fuzz.Fuzzer.Report(judged);
    }

    private static int Ack(Tape tape, int n) => Of(tape, BthOpcode.RcAcknowledge, n);
    private static int Of(Tape tape, BthOpcode opcode, int n) => tape.Find((o, _) => o == opcode, n);

    private static void Pdu(Tape tape, IscsiOpcode opcode, int n, int offset, uint add) =>
        tape.EditPayload(tape.Find(opcode, n), (f, at) => Tape.Add32(f, at + 28 + offset, add));

    private static void RepeatEdited(Tape tape, int index, Action<byte[], int> change)
    {
        tape.Repeat(index, index);
        tape.Edit(index + 1, change);
    }

    /// <summary>Every NAK is an RNR NAK and asks for 655 ms (code 0), and nobody has waited so long.</summary>
    private static void RnrEarly(Tape tape)
    {
        for (var i = 0; i < tape.Count; i++)
        {
            if (RoceFrame.TryParse(tape[i], out var parts) != FrameFault.None) continue;
            var bth = parts.TransportOffset;
            if ((BthOpcode)tape[i][bth] == BthOpcode.RcAcknowledge && tape[i][bth + 12] >> 5 != 0) tape.Edit(i, (f, at) => f[at + 12] = 0x20);
        }
    }

    /// <summary>A command takes the tag of one whose answer went astray.</summary>
    private static void TagTwice(Tape tape)
    {
        var first = tape.Find(IscsiOpcode.ScsiCommand, 4);
        RoceFrame.TryParse(tape[first], out var parts);
        var tag = tape[first].AsSpan(parts.TransportOffset + 12 + 28 + 16, 4).ToArray();
        tape.EditPayload(tape.Find((o, p) => OpcodeInfo.Of(o).IsSend && p.Length >= 76 && p[28] == 0x21 && p.AsSpan(44, 4).SequenceEqual(tag)), (f, at) => f[at + 28 + 19] ^= 0x55);
        tape.EditPayload(tape.Find(IscsiOpcode.ScsiCommand, 5), (f, at) => tag.CopyTo(f, at + 28 + 16));
    }

    private static void OldKey(Tape tape)
    {
        var invalidated = Of(tape, BthOpcode.RcSendOnlyInvalidate, 4);
        RoceFrame.TryParse(tape[invalidated], out var parts);
        var key = tape[invalidated].AsSpan(parts.TransportOffset + 12, 4).ToArray();
        for (var n = 0; ; n++)
        {
            var write = Of(tape, BthOpcode.RcWriteOnly, n);
            if (write < invalidated) continue;
            tape.Edit(write, (f, at) => key.CopyTo(f, at + 20));
            return;
        }
    }

    private static void InitiatorRead(Tape tape)
    {
        var command = tape.Find(IscsiOpcode.ScsiCommand, 5);
        tape.Edit(command, (f, at) => f[at] = (byte)BthOpcode.RcWriteOnly);
    }

    private static void RepeatSrp(Tape tape)
    {
        // Another command gets the tag of one that was sent right before it on the same channel and is not answered yet.
        var first = tape.FindSrp(0x02, 4);
        var answer = tape.Find((o, p) => o == BthOpcode.RcSendOnly && p.Length >= 36 && p[0] == 0xC1, 4);
        tape.Edit(answer, (f, at) => f[at + 12 + 15] ^= 0x55); // its answer goes elsewhere
        var tag = default(byte[]);
        RoceFrame.TryParse(tape[first], out var parts);
        tag = tape[first].AsSpan(parts.TransportOffset + 12 + 8, 8).ToArray();
        tape.EditPayload(tape.FindSrp(0x02, 5), (f, at) => tag.CopyTo(f, at + 8));
    }
}
