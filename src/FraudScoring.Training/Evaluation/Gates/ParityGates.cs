using System.Globalization;
using FraudScoring.Core.Catalogue;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>What serves is what was trained: the graph is the trainer's, whether it is run on one payment or many, on the same features.</summary>
internal static class ParityGates
{
    /// <summary>Metric of a manifest that holds the largest difference found when the graph was exported.</summary>
    public const string TrainerDifference = "largest_graph_difference";

    /// <param name="manifest">The challenger's.</param>
    /// <param name="catalogue">The catalogue in force.</param>
    /// <param name="oneByOne">Probabilities of single runs.</param>
    /// <param name="batched">Those of the same payments, run together.</param>
    /// <param name="settings">The limit.</param>
    public static IEnumerable<GateResult> Judge(
        ModelManifest manifest, FeatureCatalogue catalogue, ReadOnlySpan<double> oneByOne, ReadOnlySpan<double> batched, ParitySettings settings)
    {
        var isRecorded = manifest.Metrics.TryGetValue(TrainerDifference, out var difference);
        var largest = 0.0;
        for (var i = 0; i < oneByOne.Length; i++)
        {
            // Math.Max keeps what is not a number: such a probability must not pass as no difference.
            largest = Math.Max(largest, Math.Abs(oneByOne[i] - batched[i]));
        }
        return
        [
            GateResult.AtMost(GateNames.Trainer, isRecorded ? difference : double.NaN, settings.DifferenceAtMost, isRecorded
                ? "Largest difference in probability between graph and trainer, as recorded when the graph was exported."
                : $"The manifest does not record the difference ({TrainerDifference} under metrics)."),
            GateResult.AtMost(GateNames.Batch, largest, settings.DifferenceAtMost, string.Create(CultureInfo.InvariantCulture,
                $"Largest difference in probability between the graph run on one payment and on many at a time, over {oneByOne.Length:#,0} payments.")),
            GateResult.AtLeast(GateNames.Catalogue, manifest.CatalogueHash == catalogue.Hash ? 1 : 0, 1,
                $"1 when the bundle was built for the feature catalogue in force, {catalogue.Hash}."),
        ];
    }
}
