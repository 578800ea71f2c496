using System.Globalization;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Gates: the challenger's quality holds in every part of the period, not only on average.</summary>
internal static class StabilityGates
{
    public static IEnumerable<GateResult> Judge(PeriodFold[] folds, StabilitySettings settings)
    {
        var counted = folds.Where(fold => fold.Counts).ToArray();
        if (counted.Length < 2)
        {
            var why = string.Create(CultureInfo.InvariantCulture,
                $"{counted.Length} of {folds.Length} folds of {settings.FoldDays} days have {settings.FraudsAtLeast} frauds or more; "
                    + $"at least two are needed.");
            return
            [
                GateResult.NotApplicable(GateNames.StableAveragePrecision, settings.AveragePrecisionWorstToMeanAtLeast, true, why),
                GateResult.NotApplicable(GateNames.StableAuc, settings.AucWorstToMeanAtLeast, true, why),
                GateResult.NotApplicable(GateNames.StableCalibration, settings.RatioAtMost, false, why),
            ];
        }
        return
        [
            WorstToMean(GateNames.StableAveragePrecision, "average precision", counted, fold => fold.AveragePrecision,
                settings.AveragePrecisionWorstToMeanAtLeast),
            WorstToMean(GateNames.StableAuc, "AUC", counted, fold => fold.Auc, settings.AucWorstToMeanAtLeast),
            Calibration(counted, settings),
        ];
    }

    private static GateResult Calibration(PeriodFold[] folds, StabilitySettings settings)
    {
        var worst = folds.MaxBy(fold => fold.Calibration.Distance)!;
        return GateResult.AtMost(GateNames.StableCalibration, worst.Calibration.AtLeast, settings.RatioAtMost,
            string.Create(CultureInfo.InvariantCulture, $"Frauds observed over expected, farthest from 1 of {folds.Length} folds: ")
                + FairnessGates.Describe(worst.Calibration, $"in the fold from {Day(worst)}"));
    }

    private static GateResult WorstToMean(string name, string metric, PeriodFold[] folds, Func<PeriodFold, double> of, double limit)
    {
        var (worst, mean) = (folds.MinBy(of)!, folds.Average(of));
        return GateResult.AtLeast(name, of(worst) / mean, limit, string.Create(CultureInfo.InvariantCulture,
            $"Lowest {metric} of {folds.Length} folds, {of(worst):0.0000} in the fold from {Day(worst)}, over their mean, {mean:0.0000}."));
    }

    private static string Day(PeriodFold fold) => Days.Text(fold.FirstDay);
}
