using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Gate: the challenger's probabilities match the observed share of frauds.</summary>
internal static class CalibrationGate
{
    public static GateResult Judge(double[] probabilities, bool[] labels, CalibrationSettings settings) => GateResult.AtMost(
        GateNames.Calibration, CalibrationMetrics.CalibrationError(probabilities, labels), settings.ErrorAtMost,
        $"Mean gap between probability and share of frauds over {CalibrationMetrics.DefaultBins} equal-width bins, weighted by payments.");
}
