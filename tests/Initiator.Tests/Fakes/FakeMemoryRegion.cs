namespace Weft.Initiator.Tests.Fakes;

/// <summary>Memory by key; what is done with an invalid key throws, and so fails the test.</summary>
internal sealed class FakeMemoryRegion(FakeDevice device, uint key) : IMemoryRegion
{
    private Memory<byte> staged;
    public Memory<byte> Memory { get; set; }
    public LKey LKey => new(Key);
    public RKey RKey => new(Key);
    public uint Key { get; set; } = key;
    public ulong Address { get; set; }
    public ulong Length => (ulong)Memory.Length;
    public AccessFlags Access { get; set; }
    public bool IsValid { get; set; }
    public bool IsGone { get; private set; }
    public int MaxSegments { get; init; }

    public VerbsError? SetSegments(ReadOnlySpan<Memory<byte>> segments)
    {
        staged = segments[0];
        return null;
    }

    public void Register(in SendRequest request)
    {
        if (IsValid) throw new InvalidOperationException("registered while it is valid");
        if (request.Key.Value >> 8 != Key >> 8) throw new InvalidOperationException("a key of another region");
        if (request.Key.Value == Key) throw new InvalidOperationException("the same key again");
        (Memory, Address, Access, Key, IsValid) = (staged, request.RemoteAddress, request.Access, request.Key.Value, true);
    }

    public VerbsError? Deregister()
    {
        if (IsGone) throw new InvalidOperationException("deregistered twice");
        IsGone = true;
        IsValid = false;
        device.Regions.Remove(this);
        return null;
    }
}
