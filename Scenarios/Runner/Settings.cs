namespace Weft.Scenarios.Runner;

/// <summary>The values of a scenario's settings for one run: its defaults and what the caller changed.</summary>
public sealed class Settings
{
    private readonly SortedDictionary<string, long> values = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> changed = new(StringComparer.Ordinal);

    private Settings()
    {
    }

    /// <summary>What differs from the defaults, by name: enough to make the same settings again.</summary>
    public IReadOnlyDictionary<string, long> Changed => changed;

    public long this[string name] => values[name];

    /// <summary>A setting's value; its default where the scenario does not have it.</summary>
    public long Get(Setting setting) => values.GetValueOrDefault(setting.Name, setting.Default);

    /// <summary>Reads <c>name=value</c> assignments on top of the defaults.</summary>
    /// <param name="error">What was wrong, naming the setting and the remedy.</param>
    public static Settings? TryCreate(IReadOnlyList<Setting> known, IEnumerable<string> assignments, out string? error)
    {
        var settings = new Settings();
        foreach (var setting in known) settings.values[setting.Name] = setting.Default;
        foreach (var assignment in assignments)
        {
            var parts = assignment.Split('=', 2);
            var setting = known.FirstOrDefault(s => s.Name == parts[0]);
            if (setting is null)
            {
                error = known.Count == 0
                    ? $"this scenario has no settings, so '{assignment}' cannot be set"
                    : $"no setting '{parts[0]}'; this scenario has {string.Join(", ", known.Select(s => s.Name))}";
                return null;
            }
            if (parts.Length < 2 || !setting.TryParse(parts[1], out var value))
            {
                error = $"'{assignment}': {setting.Name} takes {setting.Range}";
                return null;
            }
            settings.values[setting.Name] = value;
            if (value != setting.Default) settings.changed[setting.Name] = value;
            else settings.changed.Remove(setting.Name);
        }
        error = null;
        return settings;
    }
}
