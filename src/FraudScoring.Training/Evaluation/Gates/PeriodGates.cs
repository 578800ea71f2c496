using System.Globalization;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>The period is later than all that either bundle learned from, and has frauds enough to say something.</summary>
internal static class PeriodGates
{
    /// <summary>Entry of a manifest's training that names the day by which all labels it learned from were known.</summary>
    public const string LabelsKnownBy = "labels_known_by";

    public static IEnumerable<GateResult> Judge(int fromDay, IEnumerable<ModelManifest> manifests, bool[] labels, PeriodSettings settings)
    {
        yield return OutOfTime(fromDay, [.. manifests]);
        yield return GateResult.AtLeast(
            GateNames.Frauds, labels.Count(fraud => fraud), settings.FraudsAtLeast, "Frauds in the period, as the whole log tells.");
    }

    /// <summary>The last day that either bundle learned from; null when one of them does not say.</summary>
    public static int? LearnedUntil(IEnumerable<ModelManifest> manifests)
    {
        int? latest = int.MinValue;
        foreach (var manifest in manifests)
        {
            latest = latest is { } known && Days.TryParse(manifest.Lineage.LabelsKnownBy, out var day) ? Math.Max(known, day) : null;
        }
        return latest;
    }

    private static GateResult OutOfTime(int fromDay, ModelManifest[] manifests) => LearnedUntil(manifests) is { } learned
        ? GateResult.AtLeast(GateNames.OutOfTime, fromDay - learned, 0, string.Create(CultureInfo.InvariantCulture,
            $"Days from {Days.Text(learned)}, when the last label that was learned from was known, to {Days.Text(fromDay)}, when the period begins."))
        : GateResult.AtLeast(GateNames.OutOfTime, double.NaN, 0, $"A manifest does not say until when it learned ({LabelsKnownBy} under lineage).");
}
