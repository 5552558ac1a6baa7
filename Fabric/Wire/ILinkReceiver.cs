namespace Weft.Fabric.Wire;

/// <summary>The upper end of a link: a port of a host or of a switch.</summary>
public interface ILinkReceiver
{
    /// <summary>A frame arrived; the receiver now owns one reference.</summary>
    void OnFrame(Frame frame);
    void OnLinkState(bool isUp);
}
