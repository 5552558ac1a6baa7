using Weft.Fabric.Sim.Choose;
using Weft.Fabric.Sim.Explore;
using Weft.Scenarios.Catalog;
using Weft.Scenarios.Runner;

namespace Weft.Scenarios.Commands;

/// <summary>Choice logs as files: a failure written down, and a file read back with its scenario.</summary>
internal static class Choices
{
    public static ChoiceLog ToLog(Scenario scenario, Settings settings, ExplorationFailure failure) => new()
    {
        Scenario = scenario.Name,
        Settings = [.. settings.Changed.Select(s => KeyValuePair.Create(s.Key, s.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)))],
        Seed = failure.Seed,
        Open = scenario.Order(settings).Open,
        Choices = failure.Choices,
    };

    /// <summary>Reads a file and finds the scenario that it belongs to.</summary>
    /// <param name="error">What is wrong with it, naming file and line.</param>
    public static bool TryLoad(FileInfo file, out ChoiceLog log, out Scenario scenario, out Settings settings, out string error)
    {
        (log, scenario, settings, error) = (null!, null!, null!, "");
        string text;
        try
        {
            if (file.Length > ChoiceLog.SizeLimit)
            {
                error = $"{file.Name} is larger than a choice log can be ({ChoiceLog.SizeLimit} bytes)";
                return false;
            }
            text = File.ReadAllText(file.FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error = $"cannot read {file.Name}: {e.Message}";
            return false;
        }
        if (!ChoiceLog.TryParse(text, out var parsed, out var problem))
        {
            error = $"{file.Name}: {problem}";
            return false;
        }
        if (ScenarioCatalog.Find(parsed.Scenario) is not { } found)
        {
            error = $"{file.Name}: {ScenarioCatalog.Unknown(parsed.Scenario)}";
            return false;
        }
        if (Settings.TryCreate(found.Settings, parsed.Settings.Select(s => $"{s.Key}={s.Value}"), out var settingError) is not { } values)
        {
            error = $"{file.Name}: {settingError}";
            return false;
        }
        (log, scenario, settings) = (parsed, found, values);
        return true;
    }
}
