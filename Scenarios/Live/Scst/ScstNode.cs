namespace Weft.Scenarios.Live.Scst;

/// <summary>A line of an scst.conf, with the lines between its braces if it has any.</summary>
/// <param name="File">For messages.</param>
/// <param name="Line">Counted from 1.</param>
/// <param name="Words">The first is the keyword or the attribute's name.</param>
/// <param name="Children">Null for a line without braces.</param>
internal sealed record ScstNode(string File, int Line, IReadOnlyList<string> Words, List<ScstNode>? Children)
{
    public string Name => Words[0];

    /// <summary>The one value that an attribute has.</summary>
    /// <exception cref="FormatException">None, or several.</exception>
    public string Value => Words.Count == 2 ? Words[1] : throw Error(Words.Count < 2 ? $"'{Name}' needs a value" : $"'{Name}' has one value; put one with blanks in double quotes");

    /// <summary>What is wrong, and where.</summary>
    public FormatException Error(string message) => new($"{File}:{Line}: {message}");

    /// <exception cref="FormatException">There is a value, or more than one word behind the keyword.</exception>
    public string SectionName(string what) => Words.Count == 2 ? Words[1] : throw Error($"{Name} needs one name: {what}");
}
