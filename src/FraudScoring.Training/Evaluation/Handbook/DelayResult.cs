namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>How well the splits went when labels came after one delay.</summary>
/// <param name="Delay">The delay.</param>
/// <param name="Folds">The splits, the earliest first.</param>
internal sealed record DelayResult(LabelDelay Delay, IReadOnlyList<FoldResult> Folds)
{
    /// <summary>The metrics by name, in the order they are told.</summary>
    public static IReadOnlyList<(string Name, Func<ProtocolScores, double> Of)> Metrics { get; } =
    [
        ("AUC ROC", scores => scores.AucRoc),
        ("average precision", scores => scores.AveragePrecision),
        ("card precision@100", scores => scores.CardPrecision),
        ("its ceiling", scores => scores.CardPrecisionCeiling),
        ("share of ceiling", scores => scores.ShareOfCeiling),
    ];

    /// <summary>Mean of a metric over the splits, and the standard deviation of these as they are (not of a sample of more).</summary>
    public (double Mean, double Deviation) Of(Func<ProtocolScores, double> metric)
    {
        double[] values = [.. Folds.Select(fold => metric(fold.Scores))];
        var mean = values.Average();
        return (mean, Math.Sqrt(values.Average(value => (value - mean) * (value - mean))));
    }
}
