using System.Globalization;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Gates: the challenger ranks payments well, and not worse than the champion.</summary>
/// <remarks>
/// The lower bound of the interval is judged, not the difference itself: a challenger that is better by chance on a small period must not
/// pass. That makes more data, not luck, the way to promotion. The absolute gate lets a first model fail, which has no champion.
/// </remarks>
internal static class QualityGates
{
    /// <summary>Judges all metrics. Differences are not applicable without a champion.</summary>
    public static IEnumerable<GateResult> Judge(PredictionFindings findings, QualitySettings settings)
    {
        var differences = findings.Differences;
        yield return Gate(
            GateNames.AveragePrecision, "average precision", differences?.AveragePrecision, settings.AveragePrecisionTolerance, settings);
        yield return Gate(GateNames.Auc, "AUC", differences?.Auc, settings.AucTolerance, settings);
        yield return GateResult.AtLeast(
            GateNames.AbsoluteAuc, findings.Auc, settings.AucAtLeast, "The challenger's AUC itself, whatever the champion's is.");
    }

    /// <summary>The number of draws and what was drawn, as part of a sentence.</summary>
    public static string Resamples(DrawnUnit unit, QualitySettings settings) =>
        string.Create(CultureInfo.InvariantCulture, $"{settings.Resamples:#,0} resamples of ") + (unit == DrawnUnit.Cards
            ? "cards"
            : "payments, because there are too few cards to draw by (payments of a card resemble each other, so it may be too narrow)");

    private static GateResult Gate(
        string name, string metric, ResampledDifference? difference, double tolerance, QualitySettings settings) =>
        difference is null
            ? GateResult.NotApplicable(name, -tolerance, true, "There is no champion to compare with.")
            : GateResult.AtLeast(name, difference.Low, -tolerance, string.Create(CultureInfo.InvariantCulture,
                $"Challenger minus champion in {metric}: {difference.Value:+0.0000;-0.0000;0.0000}, "
                    + $"{settings.Confidence * 100:0.#} % interval {difference.Low:+0.0000;-0.0000;0.0000} to "
                    + $"{difference.High:+0.0000;-0.0000;0.0000} from {Resamples(difference.Unit, settings)}; "
                    + $"the lower bound is compared with the limit."));
}
