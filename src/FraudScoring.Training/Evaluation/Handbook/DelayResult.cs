namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>How well the splits went when labels came after one delay.</summary>
/// <param name="Delay">The delay.</param>
/// <param name="Folds">The splits, the earliest first.</param>
internal sealed record DelayResult(LabelDelay Delay, IReadOnlyList<ProtocolFoldResult> Folds)
{
    /// <summary>
    /// The metrics by the short names of tables, in the order they are told; "oracle" is the most that CP@100 can be, "share" its part
    /// that is reached.
    /// </summary>
    public static IReadOnlyList<(string Name, Func<ProtocolScores, double> Compute)> Metrics { get; } =
    [
        ("AUC", scores => scores.AucRoc),
        ("AP", scores => scores.AveragePrecision),
        ("CP@100", scores => scores.CardPrecision),
        ("oracle", scores => scores.CardPrecisionCeiling),
        ("share", scores => scores.ShareOfCeiling),
    ];

    /// <summary>Mean of a metric over the splits, and the standard deviation of these as they are (not of a sample of more).</summary>
    public (double Mean, double Deviation) Summarize(Func<ProtocolScores, double> metric)
    {
        double[] values = [.. Folds.Select(fold => metric(fold.Scores))];
        var mean = values.Average();
        return (mean, Math.Sqrt(values.Average(value => (value - mean) * (value - mean))));
    }
}
