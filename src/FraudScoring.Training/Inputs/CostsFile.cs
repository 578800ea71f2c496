using FraudScoring.Core.Decisions;

namespace FraudScoring.Training.Inputs;

/// <summary>What decisions cost, from a file.</summary>
internal static class CostsFile
{
    /// <summary>Name of the file in a models folder.</summary>
    public const string Name = "costs.json";

    /// <summary>Loads the file that was named; or that of the models folder; or, when it has none, takes the defaults.</summary>
    /// <exception cref="InvalidDataException">It is faulty; all faults are named.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
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
