using System.Text;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Text;

namespace Weft.Protocol.Tests.Iscsi;

public class KeyNegotiationTests
{
    /// <summary>Target with tgt's policy on RDMA. Pairs in, answers out; "!" marks a broken rule.</summary>
    [Theory]
    [InlineData("InitialR2T=No", "InitialR2T=Yes")]
    [InlineData("InitialR2T=Yes", "InitialR2T=Yes")]
    [InlineData("ImmediateData=Yes", "ImmediateData=No")]
    [InlineData("MaxBurstLength=16776192", "MaxBurstLength=262144")]
    [InlineData("MaxBurstLength=1024", "MaxBurstLength=1024")]
    [InlineData("MaxBurstLength=0x400", "MaxBurstLength=1024")]
    [InlineData("MaxBurstLength=511", "MaxBurstLength=Reject")]
    [InlineData("MaxBurstLength=16777216", "MaxBurstLength=Reject")]
    [InlineData("MaxBurstLength=many", "MaxBurstLength=Reject")]
    [InlineData("DefaultTime2Wait=0", "DefaultTime2Wait=2")]
    [InlineData("DefaultTime2Wait=3600", "DefaultTime2Wait=3600")]
    [InlineData("DefaultTime2Wait=3601", "DefaultTime2Wait=Reject")]
    [InlineData("DefaultTime2Retain=20", "DefaultTime2Retain=0")]
    [InlineData("ErrorRecoveryLevel=2", "ErrorRecoveryLevel=0")]
    [InlineData("MaxConnections=8", "MaxConnections=1")]
    [InlineData("HeaderDigest=CRC32C,None", "HeaderDigest=None")]
    [InlineData("HeaderDigest=CRC32C", "HeaderDigest=Reject")]
    [InlineData("IFMarker=Yes", "IFMarker=No")]
    [InlineData("IFMarkInt=1~65535", "IFMarkInt=Reject")]
    [InlineData("RDMAExtensions=Yes", "RDMAExtensions=Yes")]
    [InlineData("RDMAExtensions=No", "RDMAExtensions=No")]
    [InlineData("RDMAExtensions=yes", "RDMAExtensions=Reject")]
    [InlineData("TargetRecvDataSegmentLength=262144", "TargetRecvDataSegmentLength=1024")]
    [InlineData("InitiatorRecvDataSegmentLength=262144", "InitiatorRecvDataSegmentLength=262144")]
    [InlineData("MaxOutstandingUnexpectedPDUs=0", "")]
    [InlineData("MaxOutstandingUnexpectedPDUs=1", "MaxOutstandingUnexpectedPDUs=Reject")]
    [InlineData("MaxRecvDataSegmentLength=262144", "")]
    [InlineData("MaxRecvDataSegmentLength=100", "MaxRecvDataSegmentLength=Reject")]
    [InlineData("iSERHelloRequired=Yes", "iSERHelloRequired=No")]
    [InlineData("TaggedBufferForSolicitedDataOnly=Yes", "TaggedBufferForSolicitedDataOnly=No")]
    [InlineData("TaskReporting=FastAbort,RFC3720", "TaskReporting=RFC3720")]
    [InlineData("iSCSIProtocolLevel=1", "iSCSIProtocolLevel=1")]
    [InlineData("X-com.example.key=7", "X-com.example.key=NotUnderstood")]
    [InlineData("X#reg=7", "X#reg=NotUnderstood")]
    [InlineData("NoSuchKey=7", "NoSuchKey=NotUnderstood")]
    [InlineData("NoSuchKey=NotUnderstood", "")]
    [InlineData("initialr2t=No", "initialr2t=NotUnderstood")]
    [InlineData("InitialR2T=No InitialR2T=No", "InitialR2T=Yes !negotiated twice")]
    [InlineData("InitialR2T=Irrelevant", "!not offered")]
    [InlineData("TargetAlias=x", "!the wrong side")]
    [InlineData("AuthMethod=None", "!not in the Operational stage")]
    [InlineData("SendTargets=All", "!not in the Operational stage")]
    public void Answers_of_an_iSER_target(string offer, string expected) =>
        Assert.Equal(expected, Answers(KeyPolicy.RdmaOnlyTarget(), iser: true, discovery: false, offer));

    [Theory]
    [InlineData("InitialR2T=No", "InitialR2T=Irrelevant")]
    [InlineData("MaxBurstLength=1024", "MaxBurstLength=Irrelevant")]
    [InlineData("RDMAExtensions=Yes", "RDMAExtensions=Irrelevant")]
    [InlineData("HeaderDigest=None", "HeaderDigest=None")]
    [InlineData("DefaultTime2Retain=0", "DefaultTime2Retain=0")]
    [InlineData("ErrorRecoveryLevel=0", "ErrorRecoveryLevel=0")]
    [InlineData("MaxRecvDataSegmentLength=8192", "")]
    public void Answers_in_a_discovery_session(string offer, string expected) =>
        Assert.Equal(expected, Answers(KeyPolicy.RdmaOnlyTarget(), iser: true, discovery: true, offer));

    [Theory]
    [InlineData("RDMAExtensions=Yes", "RDMAExtensions=No")]
    [InlineData("TargetRecvDataSegmentLength=8192", "TargetRecvDataSegmentLength=Irrelevant")]
    [InlineData("MaxOutstandingUnexpectedPDUs=4", "MaxOutstandingUnexpectedPDUs=Irrelevant")]
    public void Answers_over_TCP(string offer, string expected) =>
        Assert.Equal(expected, Answers(KeyPolicy.RdmaOnlyTarget(), iser: false, discovery: false, offer));

    /// <summary>Initiator with open-iscsi's offers. Answer in, result out; "!" marks a broken rule.</summary>
    [Theory]
    [InlineData("InitialR2T=Yes", KeyId.InitialR2T, "Yes", KeyOutcome.Agreed)]
    [InlineData("InitialR2T=No", KeyId.InitialR2T, "No", KeyOutcome.Agreed)]
    [InlineData("ImmediateData=No", KeyId.ImmediateData, "No", KeyOutcome.Agreed)]
    [InlineData("DataPDUInOrder=No", KeyId.DataPDUInOrder, "!", KeyOutcome.Offered)]
    [InlineData("IFMarker=Yes", KeyId.IFMarker, "!", KeyOutcome.Offered)]
    [InlineData("MaxBurstLength=262144", KeyId.MaxBurstLength, "262144", KeyOutcome.Agreed)]
    [InlineData("MaxBurstLength=16776193", KeyId.MaxBurstLength, "!", KeyOutcome.Offered)]
    [InlineData("DefaultTime2Wait=1", KeyId.DefaultTime2Wait, "!", KeyOutcome.Offered)]
    [InlineData("DefaultTime2Wait=9", KeyId.DefaultTime2Wait, "9", KeyOutcome.Agreed)]
    [InlineData("MaxBurstLength=Reject", KeyId.MaxBurstLength, "262144", KeyOutcome.Rejected)]
    [InlineData("FirstBurstLength=Irrelevant", KeyId.FirstBurstLength, "65536", KeyOutcome.Irrelevant)]
    [InlineData("RDMAExtensions=NotUnderstood", KeyId.RDMAExtensions, "No", KeyOutcome.NotUnderstood)]
    [InlineData("RDMAExtensions=Maybe", KeyId.RDMAExtensions, "!", KeyOutcome.Offered)]
    [InlineData("TargetPortalGroupTag=1", KeyId.TargetPortalGroupTag, "1", KeyOutcome.Declared)]
    public void Results_of_an_initiator(string answer, KeyId id, string expected, KeyOutcome outcome)
    {
        var buffer = new byte[4096];
        var writer = new TextKeyWriter(buffer);
        var negotiation = new KeyNegotiation(true, KeyPolicy.OpenIscsi(iser: true), iser: true);
        negotiation.Offer(LoginStage.Operational, ref writer);
        var reader = new TextKeyReader(Encoding.ASCII.GetBytes(answer + "\0"));
        Assert.True(reader.MoveNext());
        var violation = negotiation.Receive(reader.Current, LoginStage.Operational, ref writer);
        Assert.Equal(expected == "!", violation is not null);
        Assert.Equal(outcome, negotiation.OutcomeOf(id));
        if (violation is null) Assert.Equal(expected, negotiation.Result[id]);
    }

    [Fact]
    public void What_LIO_leaves_unanswered_is_settled_as_offered()
    {
        var buffer = new byte[4096];
        var writer = new TextKeyWriter(buffer);
        var negotiation = new KeyNegotiation(true, KeyPolicy.OpenIscsi(iser: true).With(KeyId.ImmediateData, false), iser: true);
        negotiation.Offer(LoginStage.Operational, ref writer);
        negotiation.Settle();
        Assert.False(negotiation.Result.ImmediateData); // No of AND decides alone
        Assert.True(negotiation.Result.Flag(KeyId.DataPDUInOrder)); // Yes of OR too
        Assert.True(negotiation.Result.InitialR2T); // No of OR does not: the default stays
        Assert.False(negotiation.Result.RdmaExtensions);
        Assert.Equal(65536, negotiation.Result.FirstBurstLength);
    }

    [Fact]
    public void First_burst_never_exceeds_max_burst()
    {
        var negotiation = new KeyNegotiation(false, KeyPolicy.ImmediateDataTarget(), iser: true);
        Receive(negotiation, LoginStage.Operational, "MaxBurstLength=4096 FirstBurstLength=8192", out var answers);
        Assert.Equal("MaxBurstLength=4096 FirstBurstLength=8192", answers);
        Assert.Equal(4096, negotiation.Result.FirstBurstLength);
    }

    [Fact]
    public void In_full_feature_phase_only_what_may_be_negotiated_again_is()
    {
        var negotiation = new KeyNegotiation(false, KeyPolicy.RdmaOnlyTarget(), iser: false);
        Receive(negotiation, LoginStage.Operational, "MaxRecvDataSegmentLength=8192", out _);
        negotiation.EnterFullFeature();
        Assert.Null(Receive(negotiation, LoginStage.FullFeature, "MaxRecvDataSegmentLength=16384 MaxBurstLength=1024", out var answers));
        Assert.Equal(16384, negotiation.Result.PeerMaxRecvDataSegmentLength);
        Assert.Equal("MaxBurstLength=Reject", answers);
        Assert.Equal(262144, negotiation.Result.MaxBurstLength);
    }

    /// <summary>Two sides of ours with any policies agree on every key that was spoken of.</summary>
    [Fact]
    public void Both_sides_come_to_the_same_values()
    {
        var random = new System.Random(3);
        for (var round = 0; round < 300; round++)
        {
            var (initiatorPolicy, targetPolicy) = (KeyPolicy.OpenIscsi(iser: true), KeyPolicy.RdmaOnlyTarget());
            foreach (var key in KeyTable.All)
            {
                if (key.Kind == KeyValueKind.Boolean)
                {
                    initiatorPolicy.Offer(key.Id, random.Next(2) == 0);
                    targetPolicy.With(key.Id, random.Next(2) == 0);
                }
                else if (key.Kind == KeyValueKind.Number && key.Function != KeyFunction.Declarative)
                {
                    initiatorPolicy.Offer(key.Id, (uint)random.NextInt64(key.Min, (long)key.Max + 1));
                    targetPolicy.With(key.Id, (uint)random.NextInt64(key.Min, (long)key.Max + 1));
                }
            }
            var (initiator, target) = (new KeyNegotiation(true, initiatorPolicy, true), new KeyNegotiation(false, targetPolicy, true));
            var (offers, answers) = (new byte[8192], new byte[8192]);
            var offerWriter = new TextKeyWriter(offers);
            var answerWriter = new TextKeyWriter(answers);
            initiator.Offer(LoginStage.Operational, ref offerWriter);
            var reader = new TextKeyReader(offerWriter.Written);
            while (reader.MoveNext()) Assert.Null(target.Receive(reader.Current, LoginStage.Operational, ref answerWriter));
            reader = new TextKeyReader(answerWriter.Written);
            while (reader.MoveNext()) Assert.Null(initiator.Receive(reader.Current, LoginStage.Operational, ref offerWriter));
            foreach (var id in initiatorPolicy.Offers)
                if (KeyTable.Get(id).Function != KeyFunction.Declarative) Assert.Equal(target.Result[id], initiator.Result[id]);
        }
    }

    private static string Answers(KeyPolicy policy, bool iser, bool discovery, string offers)
    {
        var violation = Receive(new(false, policy, iser) { IsDiscovery = discovery }, LoginStage.Operational, offers, out var answers);
        if (violation is null) return answers;
        var mark = new[] { "negotiated twice", "not offered", "the wrong side", "not in the Operational stage" }.Single(violation.Detail.Contains);
        return (answers.Length > 0 ? answers + " " : "") + "!" + mark;
    }

    private static Violation? Receive(KeyNegotiation negotiation, LoginStage stage, string offers, out string answers)
    {
        var writer = new TextKeyWriter(new byte[4096]);
        var reader = new TextKeyReader(Encoding.ASCII.GetBytes(offers.Replace(' ', '\0') + "\0"));
        Violation? violation = null;
        while (violation is null && reader.MoveNext()) violation = negotiation.Receive(reader.Current, stage, ref writer);
        answers = Encoding.ASCII.GetString(writer.Written).TrimEnd('\0').Replace('\0', ' ');
        return violation;
    }
}
