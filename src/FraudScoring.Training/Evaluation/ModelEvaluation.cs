using System.Globalization;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation;

/// <summary>How good probabilities are on payments whose truth is known.</summary>
/// <param name="Metrics">By name, as the manifest holds them.</param>
/// <param name="OperatingPoints">What happens at each threshold.</param>
internal sealed record ModelEvaluation(SortedDictionary<string, double> Metrics, IReadOnlyList<OperatingPoint> OperatingPoints)
{
    /// <summary>Evaluates.</summary>
    public static ModelEvaluation Of(double[] probabilities, ReadOnlySpan<float> labels, IReadOnlyList<TestPayment> payments, ManifestThresholds thresholds)
    {
        _ = payments;
        SortedDictionary<string, double> metrics = new() { ["payments"] = probabilities.Length };
        OperatingPoint[] points =
        [
            OperatingPoint.At("review", thresholds.Review, probabilities, labels),
            OperatingPoint.At("challenge", thresholds.Challenge, probabilities, labels),
            OperatingPoint.At("decline", thresholds.Decline, probabilities, labels),
        ];
        return new ModelEvaluation(metrics, points);
    }
}

/// <summary>What happens to payments at or over a threshold.</summary>
/// <param name="Decision">The decision the threshold begins.</param>
/// <param name="Threshold">Fraud probability.</param>
/// <param name="Caught">Frauds at or over it.</param>
/// <param name="Frauds">All frauds.</param>
/// <param name="FalseAlarms">Legitimate payments at or over it.</param>
/// <param name="Legitimate">All legitimate payments.</param>
internal sealed record OperatingPoint(string Decision, double Threshold, int Caught, int Frauds, int FalseAlarms, int Legitimate)
{
    /// <summary>Share of frauds caught.</summary>
    public double Recall => Frauds == 0 ? 0 : (double)Caught / Frauds;

    /// <summary>Share of legitimate payments at or over the threshold.</summary>
    public double FalsePositiveRate => Legitimate == 0 ? 0 : (double)FalseAlarms / Legitimate;

    /// <summary>Share of frauds among those at or over the threshold.</summary>
    public double Precision => Caught + FalseAlarms == 0 ? 0 : (double)Caught / (Caught + FalseAlarms);

    /// <summary>Counts.</summary>
    public static OperatingPoint At(string decision, double threshold, double[] probabilities, ReadOnlySpan<float> labels)
    {
        int caught = 0, frauds = 0, alarms = 0;
        for (var i = 0; i < probabilities.Length; i++)
        {
            var over = probabilities[i] >= threshold;
            frauds += labels[i] > 0 ? 1 : 0;
            caught += over && labels[i] > 0 ? 1 : 0;
            alarms += over && labels[i] == 0 ? 1 : 0;
        }
        return new OperatingPoint(decision, threshold, caught, frauds, alarms, probabilities.Length - frauds);
    }

    /// <summary>The columns of a table.</summary>
    public string[] Cells() =>
    [
        Decision, Threshold.ToString("0.000000", CultureInfo.InvariantCulture), Recall.ToString("P1", CultureInfo.InvariantCulture),
        FalsePositiveRate.ToString("P3", CultureInfo.InvariantCulture), Precision.ToString("P1", CultureInfo.InvariantCulture),
    ];

    /// <summary>The heads of <see cref="Cells"/>.</summary>
    public static IReadOnlyList<string> Heads { get; } = ["decision at least", "threshold", "frauds caught", "false-positive rate", "precision"];
}
