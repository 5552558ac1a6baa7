namespace Weft.Protocol.Mad.Smp;

/// <summary>An attribute of subnet management: 64 bytes that a field table describes, kept as they are on the wire, reserved bits too.</summary>
public interface ISmpAttribute<TSelf> where TSelf : struct, ISmpAttribute<TSelf>
{
    static abstract SmpAttribute Attribute { get; }
    static abstract MadFieldTable Table { get; }

    /// <summary>Reads the first 64 bytes; false when there are fewer.</summary>
    static abstract bool TryRead(ReadOnlySpan<byte> source, out TSelf attribute);

    /// <summary>Writes 64 bytes; <paramref name="target"/> must hold them.</summary>
    void Write(Span<byte> target);
}
