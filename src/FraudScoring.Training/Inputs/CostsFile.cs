using FraudScoring.Core.Decisions;

namespace FraudScoring.Training.Inputs;

internal static class CostsFile
{
    /// <summary>Name of the file in a models folder.</summary>
    public const string Name = "costs.json";

    /// <summary>Loads the named file; without a name that of the models folder, or the default costs if the folder has none.</summary>
    /// <exception cref="InvalidDataException">The file is invalid; the message holds all faults.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static DecisionCosts Load(string? named, string models)
    {
        var path = named ?? Path.Combine(models, Name);
        if (named is null && !File.Exists(path))
        {
            return new DecisionCosts();
        }
        return InputFile.Load<DecisionCosts>(path, CostsReader.Parse);
    }
}
