using Weft.Protocol.Cm;
using Weft.Protocol.Ib;
using Weft.Protocol.Mad;
using Weft.Protocol.Srp;
using Weft.Protocol.Tests.Fuzz;

namespace Weft.Protocol.Tests.Srp;

/// <summary>The units of ib_srp and ib_srpt as they stand in the captures, and what damage makes of them.</summary>
public class SrpUnitTests
{
    /// <summary>SENDs of one packet: requests, responses, notices.</summary>
    private static readonly List<byte[]> Units = [.. Corpus.Names.Where(n => n.StartsWith("srp-", StringComparison.Ordinal))
        .SelectMany(n => Corpus.Payloads(n, bth => bth.Opcode is BthOpcode.RcSendOnly or BthOpcode.RcSendOnlyInvalidate && bth.DestQp != Qpn.Gsi))];

    /// <summary>Private data of REQs behind the RDMA CM's header, and of REPs: login requests and responses.</summary>
    private static readonly List<byte[]> Logins = [.. Corpus.Names.Where(n => n.StartsWith("srp-", StringComparison.Ordinal))
        .SelectMany(n => Corpus.Payloads(n, bth => bth.DestQp == Qpn.Gsi)).Select(LoginOf).OfType<byte[]>()];

    private static byte[]? LoginOf(byte[] mad)
    {
        if (!MadHeader.TryRead(mad, out var header)) return null;
        ReadOnlySpan<byte> message = mad.AsSpan(MadHeader.Length);
        return (CmAttribute)header.AttributeId switch
        {
            CmAttribute.Req when CmReq.TryRead(message, out var req) => req.PrivateData[RdmaCmHeader.Length..].ToArray(),
            CmAttribute.Rep when CmRep.TryRead(message, out var rep) => rep.PrivateData.ToArray(),
            CmAttribute.Rej when CmRej.TryRead(message, out var rej) => rej.PrivateData.ToArray(),
            _ => null,
        };
    }

    [Fact]
    public void Every_captured_unit_is_known()
    {
        Assert.InRange(Units.Count, 500, int.MaxValue);
        Assert.All(Units, unit => Assert.True(Read(unit), Convert.ToHexString(unit.AsSpan(0, Math.Min(64, unit.Length)))));
        Assert.Contains(Units, unit => SrpCommand.TryRead(unit, out var c) && c.OutFormat == SrpDataFormat.Immediate);
        Assert.Contains(Units, unit => SrpCommand.TryRead(unit, out var c) && c.InFormat == SrpDataFormat.Indirect);
        Assert.Contains(Logins, login => SrpLoginRequest.TryReadRdmaCm(login, out _));
        Assert.Contains(Logins, login => SrpLoginResponse.TryRead(login, out _));
        Assert.Contains(Logins, login => SrpLoginReject.TryRead(login, out _));
    }

    /// <summary>Fuzz: whatever comes is read or refused, its views stay inside of it, and what is read and written again is read alike.</summary>
    [Fact]
    public void Nothing_makes_a_reader_throw() => Fuzzer.Run([.. Units.Where(u => u.Length < 1500), .. Logins], bytes => Read(bytes));

    private static readonly byte[] Copy = new byte[256];

    private static bool Read(ReadOnlySpan<byte> unit)
    {
        if (SrpLoginRequest.TryReadRdmaCm(unit, out var login))
        {
            login.WriteRdmaCm(Copy);
            Assert.True(SrpLoginRequest.TryReadRdmaCm(Copy, out var again) && again == login);
        }
        if (SrpLoginRequest.TryRead(unit, out login))
        {
            login.Write(Copy);
            Assert.True(SrpLoginRequest.TryRead(Copy, out var again) && again == login);
        }
        if (SrpLoginResponse.TryRead(unit, out var accepted)) accepted.Write(Copy);
        if (SrpLoginReject.TryRead(unit, out var refused)) refused.Write(Copy);
        if (SrpCommand.TryRead(unit, out var command)) return ReadCommand(command, unit);
        if (SrpResponse.TryRead(unit, out var response))
        {
            Assert.Equal((int)(response.ResponseLength + response.SenseLength), response.ResponseData(unit).Length + response.Sense(unit).Length);
            response.Write(Copy);
            return true;
        }
        if (SrpTaskManagement.TryRead(unit, out var management))
        {
            management.Write(Copy);
            Assert.True(SrpTaskManagement.TryRead(Copy, out var again) && again == management);
            return true;
        }
        if (SrpAsyncEvent.TryRead(unit, out var asyncEvent))
        {
            asyncEvent.Write(Copy);
            Assert.True(unit.Length >= SrpAsyncEvent.Length + asyncEvent.SenseLength);
            return true;
        }
        if (!SrpNotice.TryRead(unit, out var notice)) return false;
        notice.Write(Copy);
        return true;
    }

    private static bool ReadCommand(in SrpCommand command, ReadOnlySpan<byte> unit)
    {
        command.Write(Copy);
        Assert.True(SrpCommand.TryRead(Copy, out var again) && again == command);
        if (!command.TryReadBuffers(unit, out var dataOut, out var dataIn)) return false;
        Assert.True(SrpCommand.Length + command.AdditionalCdbLength + dataOut.EncodedLength + dataIn.EncodedLength <= unit.Length);
        return Descriptors(dataOut) + Descriptors(dataIn) >= 0;
    }

    private static long Descriptors(SrpDataBuffer buffer)
    {
        long bytes = 0;
        for (var i = 0; i < buffer.DescriptorCount; i++) bytes += buffer[i].Size;
        return buffer.Format == SrpDataFormat.Indirect ? bytes + buffer.TableCount + buffer.TotalLength : bytes + buffer.TotalLength;
    }
}
