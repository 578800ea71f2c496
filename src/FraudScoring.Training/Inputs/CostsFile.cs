using FraudScoring.Core.Decisions;

namespace FraudScoring.Training.Inputs;

/// <summary>What decisions cost, from a file.</summary>
internal static class CostsFile
{
    /// <summary>Name of the file in a models folder.</summary>
    public const string Name = "costs.json";

    /// <summary>Reads the file that was named; or that of the models folder; or, when it has none, takes the defaults.</summary>
    /// <exception cref="InvalidDataException">It is faulty; all faults are named.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static DecisionCosts Read(string? named, string models)
    {
        var path = named ?? Path.Combine(models, Name);
        if (named is null && !File.Exists(path))
        {
            return new DecisionCosts();
        }
        return InputFile.Read<DecisionCosts>(path, CostsReader.Parse);
    }
}
