using Weft.Protocol.Iscsi;
using Weft.Protocol.Iscsi.Login;
using Weft.Target.Commands;

namespace Weft.Target.Sessions;

// Login: one request at a time, each answered before the next is looked at.
public abstract partial class TargetConnection
{
    private readonly TargetLogin login;
    private ReceivedPdu? heldLogin;
    private LoginResponsePdu finalResponse;
    private bool responseIsOut;

    private void ReceiveLogin(ReceivedPdu pdu)
    {
        if (!Pdu.TryView<LoginRequestPdu>(pdu.Bhs, out var request))
        {
            Close(CloseReason.ProtocolError, new("login-first", "RFC 7143 §6.3", $"{pdu.Bhs.Opcode} before the login is done"));
            return;
        }
        if (responseIsOut || login.IsFinished) // its answer is known to the peer before its send completion is known to us
        {
            if (heldLogin is not null || login.IsFinished)
            {
                Close(CloseReason.ProtocolError, new("login-one", "RFC 7143 §6.3", "a second login request is outstanding"));
                return;
            }
            pdu.IsHeld = true;
            heldLogin = pdu;
            return;
        }
        login.Handle(request, pdu.Data.Span, LoginResponseData, out var response);
        if (State != ConnectionState.Login) return; // closed while deciding
        statSn = login.NextStatSn;
        switch (login.State)
        {
            case TargetLoginState.FullFeature when Session!.Predecessor is not null:
                finalResponse = response; // goes out when nothing of the old session can touch the disks any more
                break;
            case TargetLoginState.FullFeature:
                EnterFullFeature(response);
                break;
            case TargetLoginState.Failed:
                Host.Observer?.LoginRefused(this, login);
                responseIsOut = true;
                SendLoginResponse(response.Bhs);
                break;
            default:
                ReturnEarly(pdu); // posted again before the answer can bring the next request
                responseIsOut = true;
                SendLoginResponse(response.Bhs);
                break;
        }
    }

    private void ReturnEarly(ReceivedPdu pdu)
    {
        pdu.IsHeld = true;
        ReturnReceived(pdu);
    }

    /// <summary>From <see cref="LoginDesk"/>, before the final response: makes everything that the session needs.</summary>
    internal bool Begin(Session session)
    {
        Session = session;
        if (!PrepareFullFeature(session, session.Window.Depth))
        {
            Session = null;
            return false;
        }
        return true;
    }

    internal void PredecessorOver(Session session)
    {
        if (Session is not { } mine || mine.Predecessor != session) return;
        mine.Predecessor = null;
        if (State == ConnectionState.Login && login.State == TargetLoginState.FullFeature) EnterFullFeature(finalResponse);
    }

    private void EnterFullFeature(LoginResponsePdu response)
    {
        var session = Session!;
        if (session.Target is { } target)
        {
            var tag = target.PortalGroupTag;
            session.Nexus = target.Device.OpenNexus(this, new(
                session.Identity.InitiatorName, $"{session.Identity.InitiatorName},i,0x{session.Identity.Isid}", $"{target.Name},t,0x{tag:x4}",
                RelativePort: tag, TargetDeviceName: target.Name));
        }
        State = ConnectionState.FullFeature;
        EndLogin();
        ArmPing();
        Host.Observer?.SessionOpened(session);
        responseIsOut = true;
        SendLoginResponse(response.Bhs);
    }

    /// <summary>The login response has left, or never will.</summary>
    protected void LoginResponseSent()
    {
        responseIsOut = false;
        if (login.State == TargetLoginState.Failed)
        {
            Close(CloseReason.LoginRefused, login.Violation);
            return;
        }
        if (heldLogin is not { } pdu) return;
        heldLogin = null;
        pdu.IsHeld = false;
        Receive(pdu);
        if (!pdu.IsHeld) ReturnReceived(pdu);
    }

    private void EndLogin()
    {
        if (!holdsLoginSlot) return;
        holdsLoginSlot = false;
        ReturnLoginSlot();
    }

    /// <summary>The login is over, well or not: another may begin.</summary>
    private protected virtual void ReturnLoginSlot() => Host.EndLogin();
}
