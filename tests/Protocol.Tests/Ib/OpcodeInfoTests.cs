using Weft.Protocol.Ib;

namespace Weft.Protocol.Tests.Ib;

public sealed class OpcodeInfoTests
{
    // One line per operation: low five bits, name, transports (R C U D X as RC UC RD UD XRC), headers, receive (t takes, c completes), payload.
    private const string Operations = """
        00 SEND_First rcdx - t p
        01 SEND_Middle rcdx - - p
        02 SEND_Last rcdx - c p
        03 SEND_Last_with_Immediate rcdx imm c p
        04 SEND_Only rcdux - tc p
        05 SEND_Only_with_Immediate rcdux imm tc p
        06 RDMA_WRITE_First rcdx reth - p
        07 RDMA_WRITE_Middle rcdx - - p
        08 RDMA_WRITE_Last rcdx - - p
        09 RDMA_WRITE_Last_with_Immediate rcdx imm tc p
        0A RDMA_WRITE_Only rcdx reth - p
        0B RDMA_WRITE_Only_with_Immediate rcdx reth,imm tc p
        0C RDMA_READ_Request rdx reth - -
        0D RDMA_READ_Response_First rdx aeth - p
        0E RDMA_READ_Response_Middle rdx - - p
        0F RDMA_READ_Response_Last rdx aeth - p
        10 RDMA_READ_Response_Only rdx aeth - p
        11 Acknowledge rdx aeth - -
        12 Atomic_Acknowledge rdx aeth,atomicack - -
        13 CmpSwap rdx atomic - -
        14 FetchAdd rdx atomic - -
        16 SEND_Last_with_Invalidate rx ieth c p
        17 SEND_Only_with_Invalidate rx ieth tc p
        """;

    private static readonly Dictionary<char, (int Base, string Name)> Transports = new()
    {
        ['r'] = (0x00, "RC"), ['c'] = (0x20, "UC"), ['d'] = (0x40, "RD"), ['u'] = (0x60, "UD"), ['x'] = (0xA0, "XRC"),
    };
    private static readonly Dictionary<string, int> Lengths = new()
    {
        ["-"] = 0, ["imm"] = 4, ["reth"] = 16, ["aeth"] = 4, ["atomicack"] = 8, ["atomic"] = 28, ["ieth"] = 4,
    };

    [Fact]
    public void The_table_is_that_of_the_specification()
    {
        var seen = new HashSet<int> { 0x1C, 0x1D, 0x55, 0x81 };
        foreach (var line in Operations.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var f = line.Split(' ');
            foreach (var t in f[2])
            {
                var opcode = Convert.ToByte(f[0], 16) + Transports[t].Base;
                var info = OpcodeInfo.Of((BthOpcode)opcode);
                var name = OpcodeInfo.NameOf((BthOpcode)opcode);
                seen.Add(opcode);
                Assert.True(info.IsKnown, name);
                Assert.Equal($"{Transports[t].Name} {f[1].Replace('_', ' ')}", name);
                var response = f[1].Contains("Response") || f[1].Contains("cknowledge");
                var leading = t switch { 'd' => response ? 4 : 12, 'u' => 8, 'x' => response ? 0 : 4, _ => 0 };
                var headers = f[3].Split(',');
                Assert.Equal(12 + leading + headers.Sum(h => Lengths[h]), info.HeaderLength);
                Assert.Equal(12 + leading, info.MainHeaderOffset);
                Assert.Equal(t == 'd', info.HasRdeth);
                Assert.Equal(t == 'u' || t == 'd' && !response, info.HasDeth);
                Assert.Equal(t == 'x' && !response, info.HasXrceth);
                Assert.Equal(headers.Contains("reth"), info.HasReth);
                Assert.Equal(headers.Contains("aeth"), info.HasAeth);
                Assert.Equal(headers.Contains("atomic"), info.HasAtomicEth);
                Assert.Equal(headers.Contains("atomicack"), info.HasAtomicAckEth);
                Assert.Equal(headers.Contains("imm"), info.HasImmediate);
                Assert.Equal(headers.Contains("ieth"), info.HasInvalidate);
                Assert.Equal(f[4].Contains('t'), info.TakesReceive);
                Assert.Equal(f[4].Contains('c'), info.CompletesReceive);
                Assert.Equal(f[5] == "p", info.MayHavePayload);
                Assert.Equal(response, info.IsResponse);
                Assert.Equal(name.Contains("SEND"), info.IsSend);
                Assert.Equal(name.Contains("WRITE"), info.IsWrite);
                Assert.Equal(name.Contains("READ Request"), info.IsReadRequest);
                Assert.Equal(name.Contains("READ Response"), info.IsReadResponse);
                Assert.Equal(name.Contains("First") || name.Contains("Only") || !name.Contains("Middle") && !name.Contains("Last"), info.StartsMessage);
                Assert.Equal(name.Contains("First"), info.IsFirst);
                Assert.Equal(name.Contains("Middle"), info.IsMiddle);
                Assert.Equal(name.Contains("Last"), info.IsLast);
            }
        }
        for (var opcode = 0; opcode < 256; opcode++)
            Assert.Equal(seen.Contains(opcode), OpcodeInfo.Of((BthOpcode)opcode).IsKnown);
    }

    [Fact]
    public void Every_named_opcode_is_known() => Assert.All(Enum.GetValues<BthOpcode>(), o => Assert.True(OpcodeInfo.Of(o).IsKnown));

    [Fact]
    public void Optional_operations()
    {
        var flush = OpcodeInfo.Of(BthOpcode.RcFlush);
        Assert.Equal((true, true, 32, 16, false), (flush.HasFeth, flush.HasReth, flush.HeaderLength, flush.MainHeaderOffset, flush.MayHavePayload));
        var write = OpcodeInfo.Of(BthOpcode.RcAtomicWrite);
        Assert.Equal((true, 28, true), (write.HasReth, write.HeaderLength, write.MayHavePayload));
        Assert.Equal(12, OpcodeInfo.Of(BthOpcode.CongestionNotification).HeaderLength);
        Assert.Equal("CNP", OpcodeInfo.NameOf(BthOpcode.CongestionNotification));
        Assert.Equal("opcode 0xff", OpcodeInfo.NameOf((BthOpcode)0xFF));
    }
}
