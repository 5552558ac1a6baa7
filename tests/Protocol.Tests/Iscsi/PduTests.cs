using System.Reflection;
using FsCheck;
using FsCheck.Fluent;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iser;
using Weft.Protocol.Scsi;
using Weft.Protocol.Tests.Fuzz;

namespace Weft.Protocol.Tests.Iscsi;

public class PduTests
{
    private static readonly Type[] PduTypes = [.. typeof(Bhs).Assembly.GetTypes()
        .Where(t => t.IsValueType && t.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IPdu<>)))
        .OrderBy(t => t.Name, StringComparer.Ordinal)];

    [Fact]
    public void Every_captured_PDU_is_known_and_writes_back_to_the_same_bytes()
    {
        var seen = new Dictionary<IscsiOpcode, int>();
        foreach (var captured in CapturedPdu.All)
        {
            var copy = new byte[captured.Bytes.Length];
            IscsiOpcode opcode;
            if (captured.IsIser)
            {
                Assert.Null(IserMessage.TryRead(captured.Bytes, out var message));
                Assert.Equal(copy.Length, message.Write(copy));
                opcode = message.Pdu.Bhs.Opcode;
                Assert.DoesNotContain("opcode 0x", message.ToString());
            }
            else
            {
                Assert.Null(PduView.TryRead(captured.Bytes, out var pdu));
                Assert.Equal(copy.Length, pdu.Write(copy));
                opcode = pdu.Bhs.Opcode;
                Assert.DoesNotContain("opcode 0x", pdu.ToString());
            }
            Assert.Equal(captured.Bytes, copy);
            seen[opcode] = seen.GetValueOrDefault(opcode) + 1;
        }
        Assert.True(CapturedPdu.All.Count > 3500, $"{CapturedPdu.All.Count} PDUs");
        foreach (var opcode in new[] { IscsiOpcode.NopOut, IscsiOpcode.NopIn, IscsiOpcode.ScsiCommand, IscsiOpcode.ScsiResponse, IscsiOpcode.LoginRequest,
            IscsiOpcode.LoginResponse, IscsiOpcode.TextRequest, IscsiOpcode.TextResponse, IscsiOpcode.DataOut, IscsiOpcode.DataIn, IscsiOpcode.LogoutRequest,
            IscsiOpcode.LogoutResponse, IscsiOpcode.TaskManagementRequest, IscsiOpcode.TaskManagementResponse })
            Assert.True(seen.GetValueOrDefault(opcode) > 0, $"no captured {opcode}");
    }

    [Fact]
    public void Rebuilding_a_captured_PDU_from_its_fields_gives_its_header()
    {
        var rebuilt = 0;
        foreach (var captured in CapturedPdu.All)
        {
            Assert.True(Bhs.TryRead(captured.Pdu, out var bhs));
            var type = PduTypes.Single(t => OpcodeOf(t) == bhs.Opcode);
            var view = Activator.CreateInstance(type)!;
            type.GetProperty("Bhs")!.SetValue(view, bhs);
            var fresh = Activator.CreateInstance(type)!;
            foreach (var property in Fields(type)) property.SetValue(fresh, property.GetValue(view));
            Assert.Equal(view, fresh); // so there is no reserved bit that a Linux peer sets
            rebuilt++;
        }
        Assert.Equal(CapturedPdu.All.Count, rebuilt);
    }

    [Fact]
    public void Any_48_bytes_survive_every_typed_view_and_every_field_can_be_set_alone()
    {
        Prop.ForAll(Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(Bhs.Length).ToArbitrary(), bytes =>
        {
            foreach (var type in PduTypes)
            {
                bytes[0] = (byte)((bytes[0] & 0xC0) | (byte)OpcodeOf(type));
                Assert.True(Bhs.TryRead(bytes, out var bhs));
                var pdu = Activator.CreateInstance(type)!;
                type.GetProperty("Bhs")!.SetValue(pdu, bhs);
                foreach (var property in Fields(type)) property.SetValue(pdu, property.GetValue(pdu)); // each writes its own bits only
                var copy = new byte[Bhs.Length];
                ((Bhs)type.GetProperty("Bhs")!.GetValue(pdu)!).Write(copy);
                Assert.Equal(bytes, copy);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(typeof(ScsiCommandPdu), 0x41, "c1", "IsRead=True Final=True IsWrite=False Attribute=Simple Immediate=True")]
    [InlineData(typeof(ScsiCommandPdu), 0x01, "20", "IsRead=False Final=False IsWrite=True Attribute=Untagged Immediate=False")]
    [InlineData(typeof(ScsiResponsePdu), 0x21, "9e0102", "BidirectionalOverflow=True BidirectionalUnderflow=True Overflow=True Underflow=True Response=TargetFailure Status=CheckCondition")]
    [InlineData(typeof(TaskManagementRequestPdu), 0x42, "85", "Function=LogicalUnitReset Immediate=True")]
    [InlineData(typeof(TaskManagementResponsePdu), 0x22, "80ff", "Response=Rejected")]
    [InlineData(typeof(LoginRequestPdu), 0x43, "87", "Transit=True Continue=False CurrentStage=Operational NextStage=FullFeature")]
    [InlineData(typeof(LoginResponsePdu), 0x23, "4100", "Transit=False Continue=True CurrentStage=Security NextStage=Operational")]
    [InlineData(typeof(DataInPdu), 0x25, "c70008", "Final=True Acknowledge=True Overflow=True Underflow=True HasStatus=True Status=Busy")]
    [InlineData(typeof(LogoutRequestPdu), 0x46, "81", "Reason=CloseConnection")]
    [InlineData(typeof(RejectPdu), 0x3F, "8004", "Reason=ProtocolError")]
    [InlineData(typeof(SnackRequestPdu), 0x10, "83", "Type=RData")]
    public void Flag_bits_are_where_the_RFC_has_them(Type type, byte first, string rest, string expected)
    {
        var bytes = new byte[Bhs.Length];
        bytes[0] = first;
        Convert.FromHexString(rest).CopyTo(bytes, 1);
        Assert.True(Bhs.TryRead(bytes, out var bhs));
        var pdu = Activator.CreateInstance(type)!;
        type.GetProperty("Bhs")!.SetValue(pdu, bhs);
        foreach (var pair in expected.Split(' '))
            Assert.Equal(pair, $"{pair.Split('=')[0]}={type.GetProperty(pair.Split('=')[0])!.GetValue(pdu)}");
    }

    /// <summary>Offset and width in bytes of each numeric field, copied from RFC 7143 §11.</summary>
    [Theory]
    [InlineData(typeof(ScsiCommandPdu), "Lun:8:8 InitiatorTaskTag:16:4 ExpectedDataTransferLength:20:4 CmdSn:24:4 ExpStatSn:28:4 DataSegmentLength:5:3")]
    [InlineData(typeof(ScsiResponsePdu), "InitiatorTaskTag:16:4 SnackTag:20:4 StatSn:24:4 ExpCmdSn:28:4 MaxCmdSn:32:4 ExpDataSn:36:4 BidirectionalReadResidual:40:4 Residual:44:4")]
    [InlineData(typeof(TaskManagementRequestPdu), "Lun:8:8 InitiatorTaskTag:16:4 ReferencedTaskTag:20:4 CmdSn:24:4 ExpStatSn:28:4 RefCmdSn:32:4 ExpDataSn:36:4")]
    [InlineData(typeof(TaskManagementResponsePdu), "Response:2:1 InitiatorTaskTag:16:4 StatSn:24:4 ExpCmdSn:28:4 MaxCmdSn:32:4")]
    [InlineData(typeof(LoginRequestPdu), "VersionMax:2:1 VersionMin:3:1 Isid:8:6 Tsih:14:2 InitiatorTaskTag:16:4 Cid:20:2 CmdSn:24:4 ExpStatSn:28:4")]
    [InlineData(typeof(LoginResponsePdu), "VersionMax:2:1 VersionActive:3:1 Isid:8:6 Tsih:14:2 InitiatorTaskTag:16:4 StatSn:24:4 ExpCmdSn:28:4 MaxCmdSn:32:4 Status:36:2")]
    [InlineData(typeof(TextRequestPdu), "Lun:8:8 InitiatorTaskTag:16:4 TargetTransferTag:20:4 CmdSn:24:4 ExpStatSn:28:4")]
    [InlineData(typeof(TextResponsePdu), "Lun:8:8 InitiatorTaskTag:16:4 TargetTransferTag:20:4 StatSn:24:4 ExpCmdSn:28:4 MaxCmdSn:32:4")]
    [InlineData(typeof(DataOutPdu), "Lun:8:8 InitiatorTaskTag:16:4 TargetTransferTag:20:4 ExpStatSn:28:4 DataSn:36:4 BufferOffset:40:4")]
    [InlineData(typeof(DataInPdu), "Lun:8:8 InitiatorTaskTag:16:4 TargetTransferTag:20:4 StatSn:24:4 ExpCmdSn:28:4 MaxCmdSn:32:4 DataSn:36:4 BufferOffset:40:4 Residual:44:4")]
    [InlineData(typeof(ReadyToTransferPdu), "Lun:8:8 InitiatorTaskTag:16:4 TargetTransferTag:20:4 StatSn:24:4 ExpCmdSn:28:4 MaxCmdSn:32:4 R2TSn:36:4 BufferOffset:40:4 DesiredLength:44:4")]
    [InlineData(typeof(LogoutRequestPdu), "InitiatorTaskTag:16:4 Cid:20:2 CmdSn:24:4 ExpStatSn:28:4")]
    [InlineData(typeof(LogoutResponsePdu), "Response:2:1 InitiatorTaskTag:16:4 StatSn:24:4 ExpCmdSn:28:4 MaxCmdSn:32:4 Time2Wait:40:2 Time2Retain:42:2")]
    [InlineData(typeof(NopOutPdu), "Lun:8:8 InitiatorTaskTag:16:4 TargetTransferTag:20:4 CmdSn:24:4 ExpStatSn:28:4")]
    [InlineData(typeof(NopInPdu), "Lun:8:8 InitiatorTaskTag:16:4 TargetTransferTag:20:4 StatSn:24:4 ExpCmdSn:28:4 MaxCmdSn:32:4")]
    [InlineData(typeof(AsyncMessagePdu), "Lun:8:8 StatSn:24:4 ExpCmdSn:28:4 MaxCmdSn:32:4 Event:36:1 VendorCode:37:1 Parameter1:38:2 Parameter2:40:2 Parameter3:42:2")]
    [InlineData(typeof(RejectPdu), "Reason:2:1 StatSn:24:4 ExpCmdSn:28:4 MaxCmdSn:32:4 DataSn:36:4")]
    [InlineData(typeof(SnackRequestPdu), "Lun:8:8 InitiatorTaskTag:16:4 TargetTransferTag:20:4 ExpStatSn:28:4 BegRun:40:4 RunLength:44:4")]
    public void Numbers_are_where_the_RFC_has_them(Type type, string fields)
    {
        foreach (var field in fields.Split(' '))
        {
            var (name, offset, width) = (field.Split(':')[0], int.Parse(field.Split(':')[1]), int.Parse(field.Split(':')[2]));
            var bytes = new byte[Bhs.Length];
            bytes[0] = (byte)OpcodeOf(type);
            ulong expected = 0;
            for (var i = 0; i < width; i++)
            {
                bytes[offset + i] = (byte)(0x21 + (i * 0x13));
                expected = (expected << 8) | bytes[offset + i];
            }
            Assert.True(Bhs.TryRead(bytes, out var bhs));
            var pdu = Activator.CreateInstance(type)!;
            type.GetProperty("Bhs")!.SetValue(pdu, bhs);
            Assert.Equal(expected, Plain(type.GetProperty(name)!.GetValue(pdu)!));
        }
    }

    [Fact]
    public void A_message_with_less_or_more_data_than_its_header_says_is_refused()
    {
        var command = CapturedPdu.Of("iser-imm-yes-r2t-no").First(c => c.FromInitiator && c.Bytes.Length > 8000);
        Assert.Null(IserMessage.TryRead(command.Bytes, out _));
        Assert.Equal("data-length", IserMessage.TryRead(command.Bytes.AsSpan(..^1), out _)?.Rule);
        Assert.Equal("data-length", IserMessage.TryRead([.. command.Bytes, 0], out _)?.Rule);
        Assert.Equal("bhs-length", IserMessage.TryRead(command.Bytes.AsSpan(0, 75), out _)?.Rule);
        Assert.Equal("iser-length", IserMessage.TryRead(command.Bytes.AsSpan(0, 27), out _)?.Rule);
        var unpadded = CapturedPdu.Find("iser-chap-fail", 4); // libiscsi: 114 bytes of text, no padding
        Assert.Null(IserMessage.TryRead(unpadded.Bytes, out var message));
        Assert.Equal(114, message.Pdu.Data.Length);
        Assert.Equal(0, message.Pdu.Padding.Length);
        Assert.Null(IserMessage.TryRead((byte[])[.. unpadded.Bytes, 1, 2], out message));
        Assert.Equal(2, message.Pdu.Padding.Length);
        Assert.Equal("data-length", IserMessage.TryRead([.. unpadded.Bytes, 1, 2, 3], out _)?.Rule);
    }

    [Fact]
    public void Padding_that_LIO_leaves_dirty_is_kept()
    {
        var response = CapturedPdu.Find("iser-chap-mutual", 14);
        Assert.Null(IserMessage.TryRead(response.Bytes, out var message));
        Assert.Equal("45\0"u8, message.Pdu.Padding); // the end of an earlier, longer text
    }

    [Fact]
    public void Additional_header_segments_are_walked_and_found()
    {
        Span<byte> buffer = stackalloc byte[64];
        byte[] cdb = [.. Enumerable.Range(1, 21).Select(i => (byte)i)];
        var extended = Ahs.ExtendedCdb(cdb);
        extended.Write(buffer);
        Assert.Equal(12, extended.TotalLength);
        Assert.Equal([0, 6, 1, 0, 17, 18, 19, 20, 21, 0, 0, 0], buffer[..12].ToArray());
        Assert.Equal(8, Ahs.WriteBidirectionalReadLength(buffer[12..], 0x1234));
        Assert.Equal([0, 5, 2, 0, 0, 0, 0x12, 0x34], buffer[12..20].ToArray());
        Assert.True(AhsReader.TryFind(buffer[..20], AhsType.BidirectionalReadLength, out var length));
        Assert.Equal([0, 0, 0x12, 0x34], length.ToArray());
        Assert.True(AhsReader.TryFind(buffer[..20], AhsType.ExtendedCdb, out var rest));
        Assert.Equal(cdb[16..], rest.ToArray());
        var reader = new AhsReader(buffer[..18]);
        Assert.True(reader.MoveNext());
        Assert.False(reader.MoveNext());
        Assert.Equal("ahs", reader.Violation?.Rule);
    }

    [Fact]
    public void Lines_speak_the_field_s_terms()
    {
        Assert.Null(IserMessage.TryRead(CapturedPdu.Find("iser-basic", 8).Bytes, out var text));
        Assert.Equal("iSER Text ITT 0 F TTT - CmdSN 1 ExpStatSN d81a94bf {SendTargets=All}", text.ToString());
        Assert.Null(IserMessage.TryRead(CapturedPdu.Find("iser-basic", 481).Bytes, out var logout));
        Assert.Equal("iSER Logout Response ITT 37000000 Closed Time2Wait 0 Time2Retain 0 StatSN 128f3946 ExpCmdSN 32 MaxCmdSN 71", logout.ToString());
    }

    /// <summary>Fuzz: whatever comes is read or refused, written back alike, and printed.</summary>
    [Fact]
    public void Nothing_makes_a_parser_throw()
    {
        var copy = new byte[20000];
        var turn = 0;
        Fuzzer.Run([.. CapturedPdu.All.Where(c => c.IsSmall).Select(c => c.Bytes)], bytes =>
        {
            if (IserMessage.TryRead(bytes, out var message) is null)
            {
                Assert.Equal(message.TotalLength, message.Write(copy));
                Assert.Equal(bytes[..message.TotalLength], copy.AsSpan(0, message.TotalLength));
                if (turn++ % 16 == 0) Assert.NotEmpty(message.ToString());
                foreach (var segment in new AhsReader(message.Pdu.Ahs)) Assert.True(segment.TotalLength <= message.Pdu.Ahs.Length);
            }
            if (PduView.TryRead(bytes, out var pdu) is null) Assert.Equal(bytes.Length, pdu.Write(copy));
            if (IserHello.TryRead(bytes, out var hello)) hello.Write(copy);
            IserCmPrivateData.TryRead(bytes, out _);
        });
    }

    [Fact]
    public void LUN_field_of_a_command_is_single_level()
    {
        var command = new ScsiCommandPdu { Lun = Lun.From(3) };
        Assert.Equal(0x0003_0000_0000_0000UL, command.Bhs.U64(8));
        Assert.Equal(0x4100_0000_0000_0000UL, (command with { Lun = Lun.From(256) }).Bhs.U64(8));
    }

    private static IscsiOpcode OpcodeOf(Type type) => (IscsiOpcode)type.GetProperty("Opcode", BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!;

    private static IEnumerable<PropertyInfo> Fields(Type type) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(p => p.CanWrite && p.Name != "Bhs");

    private static ulong Plain(object value) => value switch
    {
        CmdSn sn => sn.Value,
        StatSn sn => sn.Value,
        TaskTag tag => tag.Value,
        Lun lun => lun.Value,
        Isid isid => isid.Value,
        Enum e => Convert.ToUInt64(e),
        _ => Convert.ToUInt64(value),
    };
}
