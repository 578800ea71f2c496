using System.Globalization;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Gates: the challenger does not rank payments worse than the champion.</summary>
/// <remarks>
/// The lower bound of the interval is judged, not the difference itself: a challenger that is better by chance on a small period must not
/// pass. That makes more data, not luck, the way to promotion.
/// </remarks>
internal static class QualityGates
{
    /// <summary>Judges both metrics. The gates are not applicable without differences, which means there is no champion.</summary>
    public static IEnumerable<GateResult> Judge(RankingDifferences? differences, QualitySettings settings)
    {
        yield return Gate(
            GateNames.AveragePrecision, "average precision", differences?.AveragePrecision, settings.AveragePrecisionTolerance, settings);
        yield return Gate(GateNames.Auc, "AUC", differences?.Auc, settings.AucTolerance, settings);
    }

    private static GateResult Gate(
        string name, string metric, ResampledDifference? difference, double tolerance, QualitySettings settings) =>
        difference is null
            ? GateResult.NotApplicable(name, -tolerance, true, "There is no champion to compare with.")
            : GateResult.AtLeast(name, difference.Low, -tolerance, string.Create(CultureInfo.InvariantCulture,
                $"Challenger minus champion in {metric}: {difference.Value:+0.0000;-0.0000;0.0000}, "
                    + $"{settings.Confidence * 100:0.#} % interval {difference.Low:+0.0000;-0.0000;0.0000} to "
                    + $"{difference.High:+0.0000;-0.0000;0.0000} from {settings.Resamples:#,0} resamples of cards; "
                    + $"the lower bound is compared with the limit."));
}
