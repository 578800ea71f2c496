using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>The challenger's probabilities are what happens.</summary>
internal static class CalibrationGate
{
    public static GateResult Judge(double[] probabilities, bool[] labels, CalibrationSettings settings) => GateResult.AtMost(
        GateNames.Calibration, CalibrationMetrics.CalibrationError(probabilities, labels), settings.ErrorAtMost,
        $"Mean gap of probability and share of frauds over {CalibrationMetrics.DefaultBins} bins of equal width, weighted by payments.");
}
