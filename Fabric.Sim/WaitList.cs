using System.Text;

namespace Weft.Fabric.Sim;

/// <summary>Everything that is awaited in a world now, oldest first: what a run that is stuck waits for.</summary>
internal sealed class WaitList
{
    private readonly Dictionary<CompletionBase, SimNode> nodes = [];
    private CompletionBase? first, last;

    public void Add(CompletionBase completion, SimNode node)
    {
        nodes[completion] = node;
        completion.WaitNext = null;
        completion.WaitPrevious = last;
        if (last is null) first = completion;
        else last.WaitNext = completion;
        last = completion;
    }

    public void Remove(CompletionBase completion)
    {
        if (!nodes.Remove(completion)) return;
        if (completion.WaitPrevious is null) first = completion.WaitNext;
        else completion.WaitPrevious.WaitNext = completion.WaitNext;
        if (completion.WaitNext is null) last = completion.WaitPrevious;
        else completion.WaitNext.WaitPrevious = completion.WaitPrevious;
        completion.WaitNext = completion.WaitPrevious = null;
    }

    public string Describe()
    {
        if (first is null) return "nothing that it could name";
        var text = new StringBuilder();
        var named = 0;
        for (var wait = first; wait is not null; wait = wait.WaitNext)
        {
            if (named++ == 8)
            {
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $" and {nodes.Count - 8} more");
                break;
            }
            if (text.Length > 0) text.Append(", ");
            text.Append(nodes[wait].Name).Append(" for ").Append(wait.Name);
        }
        return text.ToString();
    }
}
