namespace Weft.Fabric.Sim.Management.Partitions;

/// <summary>Words and delimiters of a partitions file, without white space and comments; knows its line.</summary>
internal sealed class PartitionLexer
{
    private readonly string text;
    private int at;

    public PartitionLexer(string text)
    {
        this.text = text;
        SkipBlank();
    }

    /// <summary>Line of what comes next, from 1.</summary>
    public int Line { get; private set; } = 1;
    public bool IsAtEnd => at >= text.Length;
    /// <summary>Whether a line ended between the last thing taken and the next.</summary>
    public bool AtNewLine { get; private set; }

    /// <summary>Takes the delimiter if it is next.</summary>
    public bool TryTake(char delimiter)
    {
        if (IsAtEnd || text[at] != delimiter) return false;
        at++;
        SkipBlank();
        return true;
    }

    /// <summary>The word that is next; empty before a delimiter.</summary>
    public string Word() => Take("=,:;");

    /// <summary>An address, in which colons do not delimit.</summary>
    public string Address() => Take("=,;");

    public string Unexpected(string wanted) => IsAtEnd ? $"the file ends where {wanted} should follow" : $"'{text[at]}' stands where {wanted} should follow";

    private string Take(string delimiters)
    {
        var start = at;
        while (!IsAtEnd && !delimiters.Contains(text[at]) && text[at] != '#' && !char.IsWhiteSpace(text[at])) at++;
        var word = text[start..at];
        SkipBlank();
        return word;
    }

    private void SkipBlank()
    {
        AtNewLine = false;
        for (var inComment = false; !IsAtEnd; at++)
        {
            var c = text[at];
            if (c == '\n')
            {
                (inComment, AtNewLine) = (false, true);
                Line++;
            }
            else if (c == '#') inComment = true;
            else if (!inComment && !char.IsWhiteSpace(c)) break;
        }
    }
}
