namespace Weft.Protocol.Iscsi.Text;

/// <summary>One row of the key table.</summary>
/// <param name="Default">The value that holds if nobody says anything, in wire form; null if there is none.</param>
/// <param name="Min">Least number, for numbers.</param>
/// <param name="Max">Greatest number, for numbers.</param>
/// <param name="LeadingOnly">Only in the login of a session's first connection.</param>
/// <param name="Spec">Section that defines the key.</param>
public sealed record KeyDefinition(
    KeyId Id, KeyFunction Function, KeyValueKind Kind, string? Default, uint Min, uint Max, KeyScope Scope, KeySenders Senders,
    KeyStages Stages, bool LeadingOnly, KeyUse Use, string Spec)
{
    public string Name { get; } = Id.ToString();

    /// <summary>Whether a number is one this key can have: in its range, and not 1 for the key that excludes it.</summary>
    public bool Allows(ulong number) => number >= Min && number <= Max && (Id != KeyId.MaxOutstandingUnexpectedPDUs || number != 1);
}
