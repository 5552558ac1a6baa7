using Weft.Fabric.Wire;

namespace Weft.Fabric.Hw;

/// <summary>A link to the outside that an <see cref="HwExecutor"/> polls: frames come and go only when its loop asks.</summary>
public interface IPolledLink : ILink, IDisposable
{
    /// <summary>Readable while frames wait to be taken; negative when none will come again.</summary>
    int Descriptor { get; }

    /// <summary>The MAC address of the host's interface that carries the link; null where it is no interface of the host.</summary>
    MacAddress? InterfaceAddress { get; }

    /// <summary>Delivers a batch of what has arrived; false when there is nothing to do.</summary>
    bool Receive();

    /// <summary>Gives the frames that wait to leave to the operating system.</summary>
    void Flush();
}
