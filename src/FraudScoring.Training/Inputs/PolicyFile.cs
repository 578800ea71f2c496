using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Inputs;

/// <summary>The decision policy of a models folder.</summary>
internal static class PolicyFile
{
    /// <summary>Loads it.</summary>
    /// <exception cref="InvalidDataException">It is faulty, or not for the catalogue; all faults are named.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static DecisionPolicy Load(string models, FeatureCatalogue catalogue) => InputFile.Load(
        Path.Combine(models, "policy.json"), (ReadOnlyMemory<byte> bytes, Faults faults) => PolicyReader.Parse(bytes, catalogue, faults));
}
