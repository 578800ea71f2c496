namespace FraudScoring.Training.Evaluation.Handbook;

/// <summary>The results of all splits under one label delay.</summary>
/// <param name="Delay">Time from payment to label.</param>
/// <param name="Folds">One result per split, earliest first.</param>
internal sealed record DelayResult(LabelDelay Delay, IReadOnlyList<ProtocolFoldResult> Folds)
{
    /// <summary>
    /// The metrics in table order, with short names. "oracle" is the highest CP@100 possible on these payments; "share" is CP@100
    /// divided by it.
    /// </summary>
    public static IReadOnlyList<(string Name, Func<ProtocolScores, double> Compute)> Metrics { get; } =
    [
        ("AUC", scores => scores.AucRoc),
        ("AP", scores => scores.AveragePrecision),
        ("CP@100", scores => scores.CardPrecision),
        ("oracle", scores => scores.CardPrecisionCeiling),
        ("share", scores => scores.ShareOfCeiling),
    ];

    /// <summary>Mean and population standard deviation (divided by n, as in the Handbook) of a metric over the splits.</summary>
    public (double Mean, double Deviation) Summarize(Func<ProtocolScores, double> metric)
    {
        double[] values = [.. Folds.Select(fold => metric(fold.Scores))];
        var mean = values.Average();
        return (mean, Math.Sqrt(values.Average(value => (value - mean) * (value - mean))));
    }
}
