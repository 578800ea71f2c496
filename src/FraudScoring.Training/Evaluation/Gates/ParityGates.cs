using System.Globalization;
using FraudScoring.Core.Catalogue;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Gates: the model that serves is the model that was trained, in single and batched runs, on the same features.</summary>
internal static class ParityGates
{
    /// <summary>Name of the manifest's metric for the largest difference found when the graph was exported.</summary>
    public const string TrainerDifference = "largest_graph_difference";

    /// <param name="manifest">The challenger's manifest.</param>
    /// <param name="catalogue">The active catalogue.</param>
    /// <param name="oneByOne">Probabilities from single runs.</param>
    /// <param name="batched">Probabilities of the same payments from batched runs.</param>
    /// <param name="settings">The limit.</param>
    public static IEnumerable<GateResult> Judge(
        ModelManifest manifest, FeatureCatalogue catalogue, ReadOnlySpan<double> oneByOne, ReadOnlySpan<double> batched,
        ParitySettings settings)
    {
        var isRecorded = manifest.Metrics.TryGetValue(TrainerDifference, out var difference);
        var largest = 0.0;
        for (var i = 0; i < oneByOne.Length; i++)
        {
            // Math.Max returns NaN if either argument is NaN; a comparison with > would pass a NaN probability as no difference.
            largest = Math.Max(largest, Math.Abs(oneByOne[i] - batched[i]));
        }
        return
        [
            GateResult.AtMost(GateNames.Trainer, isRecorded ? difference : double.NaN, settings.DifferenceAtMost, isRecorded
                ? "Largest difference in probability between graph and trainer, as recorded when the graph was exported."
                : $"The manifest does not record the difference ({TrainerDifference} under metrics)."),
            GateResult.AtMost(GateNames.Batch, largest, settings.DifferenceAtMost, string.Create(CultureInfo.InvariantCulture,
                $"Largest difference in probability between single and batched runs of the graph, over {oneByOne.Length:#,0} payments.")),
            GateResult.AtLeast(GateNames.Catalogue, manifest.CatalogueHash == catalogue.Hash ? 1 : 0, 1,
                $"1 if the bundle was built for the active feature catalogue, {catalogue.Hash}."),
        ];
    }
}
