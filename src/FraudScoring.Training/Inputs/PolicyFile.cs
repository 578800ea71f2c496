using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Inputs;

/// <summary>Loads the decision policy (policy.json) of a models folder.</summary>
internal static class PolicyFile
{
    /// <exception cref="InvalidDataException">
    /// The policy is invalid or refers to what the catalogue lacks; the message holds all faults.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static DecisionPolicy Load(string models, FeatureCatalogue catalogue) => InputFile.Load(
        Path.Combine(models, "policy.json"), (ReadOnlyMemory<byte> bytes, Faults faults) => PolicyReader.Parse(bytes, catalogue, faults));
}
