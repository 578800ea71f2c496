using System.Globalization;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Gates: the period is later than the training data of both bundles, and has enough frauds.</summary>
internal static class PeriodGates
{
    /// <summary>Member of a manifest's lineage: the day by which all labels used in training were known.</summary>
    public const string LabelsKnownBy = "labels_known_by";

    public static IEnumerable<GateResult> Judge(int fromDay, IEnumerable<ModelManifest> manifests, bool[] labels, PeriodSettings settings)
    {
        yield return OutOfTime(fromDay, [.. manifests]);
        yield return GateResult.AtLeast(
            GateNames.Frauds, labels.Count(fraud => fraud), settings.FraudsAtLeast, "Frauds in the period, by the last labels in the log.");
    }

    /// <summary>The last day of training data of any bundle; null if a manifest does not record it.</summary>
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
            $"Days from the last training labels, {Days.Text(learned)}, to the first day of the period, {Days.Text(fromDay)}."))
        : GateResult.AtLeast(
            GateNames.OutOfTime, double.NaN, 0, $"A manifest does not record its last training labels ({LabelsKnownBy} under lineage).");
}
