using FraudScoring.Core.Decisions;
using FraudScoring.Core.Features;

namespace FraudScoring.Training.Commands;

/// <summary>The decision policy of a models folder.</summary>
internal static class PolicyFile
{
    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">It is faulty, or not for the catalogue; all faults are named.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static DecisionPolicy Read(string models, FeatureCatalogue catalogue)
    {
        var path = Path.Combine(models, "policy.json");
        return PolicyReader.Read(File.ReadAllBytes(path), catalogue, out var faults)
            ?? throw new InvalidDataException($"{path} has faults:{Environment.NewLine}{string.Join(Environment.NewLine, faults)}");
    }
}
