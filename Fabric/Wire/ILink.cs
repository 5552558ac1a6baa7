namespace Weft.Fabric.Wire;

/// <summary>The lower seam: one port's wire. A frame out, a frame in, up or down.</summary>
public interface ILink
{
    string Name { get; }
    LinkType Type { get; }
    /// <summary>Largest link-layer payload in bytes (Ethernet: the MTU without its 14-byte header; InfiniBand: the MTU,
    /// 256 to 4096, in which no header counts).</summary>
    int Mtu { get; }
    bool IsUp { get; }
    FramePool Frames { get; }

    /// <summary>False while so much waits to leave that producers of long answers should hold back.</summary>
    bool HasRoom => true;

    /// <summary>Connects the port that receives. Once, before the first frame.</summary>
    void Attach(ILinkReceiver receiver);

    /// <summary>Sends a frame and takes over the caller's reference. A link that is down drops it.</summary>
    void Send(Frame frame);
}
