using System.Text;

namespace Weft.Scenarios.Live.Scst;

/// <summary>The grammar of scst.conf, as scstadmin reads it: sections in braces, attributes a line each, comments. Meaning is <see cref="ScstReader"/>'s.</summary>
internal static class ScstParser
{
    private const int MaxDepth = 8;

    /// <param name="file">Named in messages.</param>
    /// <exception cref="FormatException">A line does not fit; the message has file, line and remedy.</exception>
    public static List<ScstNode> Parse(string text, string file)
    {
        var root = new List<ScstNode>();
        var open = new Stack<ScstNode>();
        var number = 0;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            number++;
            var line = WithoutComment(raw, file, number).Trim();
            if (line.IsEmpty) continue;
            if (line is "}")
            {
                if (!open.TryPop(out _)) throw new FormatException($"{file}:{number}: '}}' closes nothing");
                continue;
            }
            var opens = line[^1] == '{';
            var words = Words(opens ? line[..^1] : line, file, number);
            if (words.Count == 0) throw new FormatException($"{file}:{number}: '{{' without a keyword before it");
            var node = new ScstNode(file, number, words, opens ? [] : null);
            (open.TryPeek(out var parent) ? parent.Children! : root).Add(node);
            if (!opens) continue;
            if (open.Count == MaxDepth) throw node.Error($"sections are nested deeper than {MaxDepth}");
            open.Push(node);
        }
        return open.TryPeek(out var unclosed) ? throw unclosed.Error($"'{{' of {unclosed.Name} is never closed") : root;
    }

    private static ReadOnlySpan<char> WithoutComment(ReadOnlySpan<char> line, string file, int number)
    {
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] != '#' || i > 0 && line[i - 1] == '\\') continue;
            // scstadmin would take the character before it away too.
            if (i > 0 && !char.IsWhiteSpace(line[i - 1])) throw new FormatException($"{file}:{number}: put a blank before '#' if a comment begins there, or write \\# for the character");
            return line[..i];
        }
        return line;
    }

    private static List<string> Words(ReadOnlySpan<char> line, string file, int number)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (isQuoted, hasWord) = (false, false);
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '"') (isQuoted, hasWord) = (!isQuoted, true);
            else if (char.IsWhiteSpace(c) && !isQuoted)
            {
                if (hasWord) words.Add(word.ToString());
                word.Clear();
                hasWord = false;
            }
            else
            {
                if (c == '\\' && i + 1 < line.Length && line[i + 1] == '#') continue;
                word.Append(c);
                hasWord = true;
            }
        }
        if (isQuoted) throw new FormatException($"{file}:{number}: a double quote is never closed");
        if (hasWord) words.Add(word.ToString());
        return words;
    }
}
