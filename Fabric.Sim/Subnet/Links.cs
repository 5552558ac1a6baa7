using Weft.Protocol.Mad.Smp;

namespace Weft.Fabric.Sim.Subnet;

/// <summary>
/// State of links: what both ends of a cable say of it, and what follows when it comes up or goes down. A link trains at once; only
/// the manager brings it from Initialize to Active. IBA Vol 1 §7.2.7, §14.2.5.6.
/// </summary>
internal static class Links
{
    /// <summary>Brings both ends to what cable, faults and physical states allow, and negotiates width, speed and MTU when the link comes up.</summary>
    /// <param name="quiet">A port whose change is known to the manager, since it asked for it: its switch does not report it. IBA Vol 1 §14.2.5.4.</param>
    public static void Train(SubnetPort port, SubnetPort? quiet = null)
    {
        var peer = port.Peer;
        if (peer is not null && !port.IsCableCut && IsPolling(port) && IsPolling(peer))
        {
            if (port.IsLinkUp && peer.IsLinkUp) return;
            Negotiate(ref port.Info, ref peer.Info, Slower(port.Rate, peer.Rate));
            Enter(port, PortState.Initialize, PortPhysicalState.LinkUp, quiet);
            Enter(peer, PortState.Initialize, PortPhysicalState.LinkUp, quiet);
            return;
        }
        Lose(port, quiet);
        if (peer is not null) Lose(peer, quiet);
    }

    /// <summary>Takes a link down and lets it train again, as a Set of PortState Down does.</summary>
    public static void Bounce(SubnetPort port)
    {
        var peer = port.Peer;
        Lose(port, quiet: port);
        if (peer is not null) Lose(peer, quiet: port);
        Train(port, quiet: port);
    }

    /// <summary>The manager moves a port up, to Armed or Active.</summary>
    public static void Enter(SubnetPort port, PortState state) => Report(port, state, quiet: port);

    /// <summary>Moves the physical state as a Set asks for: Polling trains the link, Disabled and Sleep keep it down.</summary>
    public static void SetPhysical(SubnetPort port, PortPhysicalState asked)
    {
        if (port.IsLinkUp && asked == PortPhysicalState.Polling)
        {
            Bounce(port);
            return;
        }
        var wasUp = port.IsLinkUp;
        port.Info.PhysicalState = asked;
        if (wasUp) Report(port, PortState.Down, port);
        Train(port, quiet: port);
    }

    private static bool IsPolling(SubnetPort port) => port.Info.PhysicalState is PortPhysicalState.Polling or PortPhysicalState.LinkUp;

    private static void Lose(SubnetPort port, SubnetPort? quiet)
    {
        if (port.IsLinkUp) port.Counters.LinkDowned++;
        Enter(port, PortState.Down, port.IsLinkUp ? PortPhysicalState.Polling : port.Info.PhysicalState, quiet);
    }

    private static void Enter(SubnetPort port, PortState state, PortPhysicalState physical, SubnetPort? quiet)
    {
        port.Info.PhysicalState = physical;
        if (port.State != state) Report(port, state, quiet);
    }

    private static void Report(SubnetPort port, PortState state, SubnetPort? quiet)
    {
        port.Info.State = state;
        port.Node.Subnet.PortStateChanged(port, isReported: port != quiet);
    }

    private static LinkRate Slower(LinkRate a, LinkRate b) => new(Math.Min(a.Width, b.Width), a.Speed < b.Speed ? a.Speed : b.Speed);

    private static void Negotiate(ref PortInfo a, ref PortInfo b, LinkRate cable)
    {
        var width = Widest(a.LinkWidthEnabled & b.LinkWidthEnabled, cable.Width);
        var extended = Highest(a.LinkSpeedExtEnabled & b.LinkSpeedExtEnabled & (1 << Math.Max(0, (int)cable.Speed - (int)LinkSpeed.Qdr)) - 1);
        var speed = Highest(a.LinkSpeedEnabled & b.LinkSpeedEnabled & (1 << Math.Min(3, (int)cable.Speed + 1)) - 1);
        Settle(ref a, width, speed, extended);
        Settle(ref b, width, speed, extended);
        a.NeighborMtu = b.NeighborMtu = Math.Min(a.MtuCap, b.MtuCap);
        a.OperationalVls = b.OperationalVls = Math.Min(a.VlCap, b.VlCap);
    }

    private static void Settle(ref PortInfo info, byte width, byte speed, byte extended) =>
        (info.LinkWidthActive, info.LinkSpeedActive, info.LinkSpeedExtActive) = (width, speed, extended);

    /// <summary>The widest of the widths that both ends allow; 1x when there is none in common, since every port can do that.</summary>
    private static byte Widest(int bits, int lanes)
    {
        foreach (var width in (ReadOnlySpan<int>)[12, 8, 4, 2])
            if (width <= lanes && (bits & new LinkRate(width, default).WidthBit) != 0) return new LinkRate(width, default).WidthBit;
        return 1;
    }

    private static byte Highest(int bits) => bits == 0 ? (byte)0 : (byte)(1 << int.Log2(bits));
}
