using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>How well a model's probabilities match the observed frauds.</summary>
/// <param name="Bins">Bins of equal numbers of payments, highest probabilities first.</param>
/// <param name="Overall">Observed over expected frauds of all payments.</param>
/// <param name="Tail">The same of the payments with the highest scores.</param>
internal sealed record CalibrationFindings(IReadOnlyList<ReliabilityBin> Bins, ObservedToExpected Overall, ObservedToExpected Tail)
{
    /// <summary>Expected calibration error over the bins, relative to the base rate.</summary>
    public double RelativeError => CalibrationMetrics.RelativeError(Bins);

    /// <param name="probabilities">Fraud probabilities.</param>
    /// <param name="labels">True for a fraud.</param>
    /// <param name="cards">Card of each payment.</param>
    /// <param name="settings">Number of bins, size of the tail, and the draws.</param>
    public static CalibrationFindings Create(double[] probabilities, bool[] labels, long[] cards, GateSettings settings)
    {
        var draws = settings.Draws;
        // Ties with the last payment of the tail belong to it: which of them came first would be chance.
        var count = Math.Max(1, (int)(probabilities.Length * settings.Calibration.TailShare));
        double[] sorted = [.. probabilities];
        Array.Sort(sorted);
        var from = sorted[^count];
        int[] tail = [.. Enumerable.Range(0, probabilities.Length).Where(row => probabilities[row] >= from)];
        return new CalibrationFindings(
            CalibrationMetrics.EqualMass(probabilities, labels, settings.Calibration.Bins),
            ObservedToExpected.Resample(probabilities, labels, cards, draws),
            ObservedToExpected.Resample(
                [.. tail.Select(row => probabilities[row])], [.. tail.Select(row => labels[row])], [.. tail.Select(row => cards[row])],
                draws));
    }
}
