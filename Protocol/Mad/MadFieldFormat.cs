namespace Weft.Protocol.Mad;

/// <summary>How the value of a field is shown.</summary>
public enum MadFieldFormat : byte
{
    Decimal,
    Hex,
    /// <summary>A 128-bit GID.</summary>
    Gid,
    /// <summary>A 64-bit GUID.</summary>
    Guid,
    /// <summary>A one-bit flag: only its name, and only when set.</summary>
    Flag,
    /// <summary>Coded time: 4.096 us x 2^n.</summary>
    Time,
    /// <summary>Bytes in hexadecimal, without trailing zeros.</summary>
    Bytes,
    /// <summary>Characters up to the first NUL.</summary>
    Text,
}
