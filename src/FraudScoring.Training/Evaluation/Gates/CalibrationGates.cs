using System.Globalization;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Gates: the challenger's probabilities match the observed frauds, in all and where decisions are made.</summary>
/// <remarks>
/// All limits are relative to the base rate. The usual calibration error, over bins of equal width and as a difference of shares, cannot
/// fail where frauds are rare: at 1.1 % frauds, half of every probability has an error of 0.005. The bound of the interval that is farther
/// from 1 is judged, so that a period with few frauds does not pass by chance.
/// </remarks>
internal static class CalibrationGates
{
    public static IEnumerable<GateResult> Judge(CalibrationFindings findings, GateSettings settings)
    {
        var limits = settings.Calibration;
        yield return GateResult.AtMost(GateNames.RelativeError, findings.RelativeError, limits.RelativeErrorAtMost,
            string.Create(CultureInfo.InvariantCulture,
                $"Mean gap between probability and share of frauds over {findings.Bins.Count} bins of equally many payments, over the ")
                + "share of frauds in all.");
        yield return Gate(GateNames.ObservedToExpected, "in all payments", findings.Overall, limits.RatioAtMost, settings.Quality);
        yield return Gate(GateNames.CalibrationTail, string.Create(CultureInfo.InvariantCulture,
            $"in the {findings.Tail.Payments:#,0} payments with the highest scores ({limits.TailShare * 100:0.##} %)"),
            findings.Tail, limits.TailRatioAtMost, settings.Quality);
    }

    private static GateResult Gate(string name, string where, ObservedToExpected ratio, double limit, QualitySettings settings) =>
        GateResult.AtMost(name, ratio.AtMost, limit, string.Create(CultureInfo.InvariantCulture,
            $"Frauds observed over expected {where}: {ratio.Observed:#,0} over {ratio.Expected:#,0.0} = {ratio.Ratio:0.000}, "
                + $"{settings.Confidence * 100:0.#} % interval {ratio.Low:0.000} to {ratio.High:0.000} from ")
                + $"{QualityGates.Resamples(ratio.Unit, settings)}; the bound farther from 1, or its inverse, is compared with the limit.");
}
