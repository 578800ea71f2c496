using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Sealing;
using FraudScoring.Server.Deployments;

namespace FraudScoring.Benchmarks.Fixtures;

/// <summary>The committed models, loaded on the CPU.</summary>
internal static class CommittedModels
{
    /// <exception cref="InvalidOperationException">The models cannot be loaded; the message names every fault.</exception>
    public static ModelsFolder Load()
    {
        var faults = new Faults();
        return ModelsFolder.Load("", SealRequirements.None, EnsembleSettings.Cpu, faults)
            ?? throw new InvalidOperationException(faults.ToLines());
    }
}
