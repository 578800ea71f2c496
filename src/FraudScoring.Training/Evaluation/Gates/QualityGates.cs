using System.Globalization;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>The challenger ranks payments at least as well as the champion, as far as the payments of the period can tell.</summary>
internal static class QualityGates
{
    /// <summary>Both gates; without differences there is no champion.</summary>
    public static IEnumerable<GateResult> Judge(RankingDifferences? differences, QualitySettings settings)
    {
        yield return Gate(GateNames.AveragePrecision, "average precision", differences?.AveragePrecision, settings.AveragePrecisionTolerance, settings);
        yield return Gate(GateNames.Auc, "AUC", differences?.Auc, settings.AucTolerance, settings);
    }

    private static GateResult Gate(string name, string metric, ResampledDifference? difference, double tolerance, QualitySettings settings) =>
        difference is null
            ? GateResult.NotApplicable(name, -tolerance, true, "There is no champion to compare with.")
            : GateResult.AtLeast(name, difference.Low, -tolerance, string.Create(CultureInfo.InvariantCulture,
                $"Challenger minus champion in {metric}: {difference.Value:+0.0000;-0.0000;0.0000}, {settings.Confidence * 100:0.#} % interval ")
                + string.Create(CultureInfo.InvariantCulture,
                    $"{difference.Low:+0.0000;-0.0000;0.0000} to {difference.High:+0.0000;-0.0000;0.0000} "
                        + $"by {settings.Resamples:#,0} draws of cards; the lower bound is held against the limit."));
}
