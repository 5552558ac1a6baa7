namespace Weft.Fabric.Verbs;

public enum MemoryWindowType : byte
{
    /// <summary>Bound to a PD; cannot be invalidated by a work request.</summary>
    Type1 = 1,
    /// <summary>Bound to a QP by a work request; the consumer owns the low byte of the key.</summary>
    Type2 = 2,
}

/// <summary>A memory window. IBA Vol 1 §10.6.7.</summary>
public interface IMemoryWindow
{
    MemoryWindowType Type { get; }
    RKey RKey { get; }
    bool IsBound { get; }
    VerbsError? Deallocate();
}
