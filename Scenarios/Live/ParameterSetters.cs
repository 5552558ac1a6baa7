using System.Globalization;

namespace Weft.Scenarios.Live;

/// <summary>Parameters that a driver's users know by name, set as <c>name=value</c> on a record of options.</summary>
internal sealed class ParameterSetters<TOptions>(string option) : SortedDictionary<string, Func<TOptions, long, TOptions>>(StringComparer.Ordinal)
{
    public string Names => string.Join(", ", Keys);

    /// <summary>Applies assignments in their order; <c>off</c> is -1, as in the drivers.</summary>
    /// <exception cref="FormatException">A name is unknown, or a value is no number.</exception>
    public TOptions Apply(TOptions options, IEnumerable<string> assignments)
    {
        foreach (var assignment in assignments)
        {
            var parts = assignment.Split('=', 2);
            if (!TryGetValue(parts[0], out var set)) throw new FormatException($"{option} knows no '{parts[0]}'; there are {Names}");
            var value = -1;
            if (parts.Length < 2 || parts[1] != "off" && !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out value))
                throw new FormatException($"{option} {assignment}: the value is a number, as in {parts[0]}=1");
            options = set(options, value);
        }
        return options;
    }
}
