using Weft.Protocol.Cm;
using Weft.Protocol.Iscsi;
using Weft.Protocol.Iser;
using Weft.Protocol.Srp;

namespace Weft.Protocol.Analysis;

/// <summary>Tells what is spoken on a connection: by the login data in its CM messages, and where that leaves it open by its first SENDs.</summary>
internal static class UlpGuess
{
    /// <summary>Login data of a REQ.</summary>
    public static void Look(Conversation conversation, in CmReq request)
    {
        var data = request.PrivateData;
        if (conversation.ServiceId.IsRdmaCm) data = data[RdmaCmHeader.Length..];
        if (IsSrpLogin(data, conversation.ServiceId.IsRdmaCm, out var login))
        {
            conversation.SrpRequest = login;
            conversation.Ulp = Ulp.Srp;
        }
        else if (IserCmPrivateData.TryRead(data, out var iser) && iser.Flags is 0x40 or 0x80 or 0xC0 && !data[1..].ContainsAnyExcept((byte)0))
        {
            conversation.IserRequest = iser; // its first message has the last word
            conversation.Ulp = Ulp.Iser;
        }
    }

    /// <summary>Login data of a REP.</summary>
    public static void Look(Conversation conversation, in CmRep reply)
    {
        if (conversation.Ulp == Ulp.Srp && SrpLoginResponse.TryRead(reply.PrivateData, out var login)) conversation.SrpResponse = login;
        if (conversation.Ulp == Ulp.Iser && IserCmPrivateData.TryRead(reply.PrivateData, out var iser)) conversation.IserReply = iser;
    }

    /// <summary>Whether private data, behind the RDMA CM's header if there is one, is an SRP login.</summary>
    public static bool IsSrpLogin(ReadOnlySpan<byte> data, bool isRdmaCm, out SrpLoginRequest login) =>
        (isRdmaCm ? SrpLoginRequest.TryReadRdmaCm(data, out login) : SrpLoginRequest.TryRead(data, out login))
        && login.Formats != 0 && (login.Formats & ~(SrpBufferFormats.Direct | SrpBufferFormats.Indirect)) == 0
        && login.MaxInitiatorToTargetLength >= SrpCommand.Length && login.TargetPort != default;

    /// <summary>The first SENDs of a connection.</summary>
    public static void Look(in WireMessage message)
    {
        var conversation = message.Conversation;
        if (conversation.HasSpoken) return;
        conversation.HasSpoken = true;
        if (conversation.Ulp == Ulp.Srp) return;
        conversation.Ulp = IsIser(message) ? Ulp.Iser : !conversation.IsComplete && IsSrp(message.Data) ? Ulp.Srp : Ulp.Other;
    }

    private static bool IsIser(in WireMessage message)
    {
        if (IserMessage.TryRead(message.Data, out var iser) is not null || !iser.Header.IsControl || iser.Header.Reserved != 0) return false;
        var opcode = iser.Pdu.Bhs.Opcode;
        return message.Conversation.IsComplete ? opcode == IscsiOpcode.LoginRequest && message.Channel.IsForward : Enum.IsDefined(opcode);
    }

    private static bool IsSrp(ReadOnlySpan<byte> unit)
    {
        if (unit.Length < SrpNotice.Length || unit[2] != 0 || unit[3] != 0) return false;
        if (SrpCommand.TryRead(unit, out var command)) return command.TryReadBuffers(unit, out var write, out var read)
            && unit.Length >= SrpCommand.Length + write.EncodedLength + read.EncodedLength;
        return SrpResponse.TryRead(unit, out var response)
            && unit.Length <= SrpResponse.Length + response.SenseLength + response.ResponseLength + 4;
    }
}
