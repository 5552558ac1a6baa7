namespace Weft.Protocol.Mad.Sa;

/// <summary>A record of subnet administration, as a value.</summary>
public interface ISaRecord<TSelf> where TSelf : struct, ISaRecord<TSelf>
{
    static abstract SaRecordTable Table { get; }

    /// <summary>Reads a record; false when there are fewer bytes than it has.</summary>
    static abstract bool TryRead(ReadOnlySpan<byte> source, out TSelf record);

    /// <summary>Writes the record's own bytes, without padding.</summary>
    void Write(Span<byte> target);
}
