using Weft.Protocol.Iscsi.Login;

namespace Weft.Scenarios.Live;

/// <summary>A CHAP account on the command line: <c>user:secret</c>, or <c>user:@FILE</c> so that the secret is in no process list.</summary>
internal static class ChapAccount
{
    public const string Form = "user:secret|user:@FILE";

    /// <exception cref="FormatException">Not of that form.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ChapCredentials Parse(string text) => text.Split(':', 2) switch
    {
        [{ Length: > 0 } name, ['@', .. { Length: > 0 } path]] => new(name, File.ReadAllText(path).TrimEnd('\r', '\n')),
        [{ Length: > 0 } name, { Length: > 0 } secret] => new(name, secret),
        _ => throw new FormatException($"'{text}' is not a CHAP account; give {Form}"),
    };
}
