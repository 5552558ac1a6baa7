namespace Weft.Fabric.Hw;

/// <summary>A descriptor beside the links that a loop waits for: a listening socket, a client's connection.</summary>
public interface IPollSource
{
    /// <summary>A descriptor that never blocks.</summary>
    int Descriptor { get; }
    bool WantsRead { get; }
    bool WantsWrite { get; }

    /// <summary>Called on the loop when what it wants is possible, or its peer is gone.</summary>
    void OnReady();
}
