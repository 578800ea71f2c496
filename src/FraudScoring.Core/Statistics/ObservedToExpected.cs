namespace FraudScoring.Core.Statistics;

/// <summary>
/// Frauds observed over frauds expected, which is the sum of the probabilities; 1 for a calibrated model, 2 for one whose probabilities are
/// half of what they should be. With its confidence interval.
/// </summary>
/// <param name="Payments">Number of payments.</param>
/// <param name="Observed">Frauds observed.</param>
/// <param name="Expected">Frauds expected.</param>
/// <param name="Low">Lower bound of the interval.</param>
/// <param name="High">Upper bound of the interval.</param>
/// <param name="Unit">What the interval's draws consisted of; <see cref="DrawnUnit.Payments"/> for a Wilson interval.</param>
public sealed record ObservedToExpected(long Payments, long Observed, double Expected, double Low, double High, DrawnUnit Unit)
{
    /// <summary>The ratio; infinite or NaN if no fraud is expected.</summary>
    public double Ratio => Observed / Expected;

    /// <summary>How far from 1 the ratio may be: the bound farther from 1, or its inverse if that is below 1.</summary>
    public double AtMost => Math.Max(High, 1 / Low);

    /// <summary>How far from 1 the ratio is for certain: the bound nearer to 1, or its inverse; 1 if the interval includes 1.</summary>
    public double AtLeast => Low > 1 ? Low : High < 1 ? 1 / High : Low <= 1 ? 1 : double.NaN;

    /// <summary>Orders ratios by how far from 1 they are: for certain, then by themselves.</summary>
    public (double Certain, double Itself) Distance => (AtLeast, Math.Max(Ratio, 1 / Ratio));

    /// <summary>The ratio with a Wilson interval of the share of frauds, as if payments were independent.</summary>
    /// <exception cref="ArgumentException">Lengths differ, there are no rows, or a probability is outside 0 to 1.</exception>
    public static ObservedToExpected Compute(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> labels)
    {
        ScoredRows.CheckProbabilities(probabilities, labels);
        var (observed, expected) = Sum(probabilities, labels);
        var share = WilsonInterval.Compute(observed, labels.Length);
        var mean = expected / labels.Length;
        return new ObservedToExpected(labels.Length, observed, expected, share.Low / mean, share.High / mean, DrawnUnit.Payments);
    }

    /// <summary>The ratio with a percentile interval over draws of cards, or of payments if there are too few cards.</summary>
    /// <param name="probabilities">Fraud probabilities, 0 to 1.</param>
    /// <param name="labels">True for a fraud.</param>
    /// <param name="cards">Card of each payment.</param>
    /// <param name="options">Number of draws, confidence and seed.</param>
    /// <exception cref="ArgumentException">Lengths differ, there are no rows, or a probability is outside 0 to 1.</exception>
    public static ObservedToExpected Resample(
        ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> labels, ReadOnlySpan<long> cards, BootstrapOptions options)
    {
        ScoredRows.CheckProbabilities(probabilities, labels);
        var (observed, expected) = Sum(probabilities, labels);
        ResampledDifference? widest = null;
        foreach (var units in CardDraws.Create(cards, labels))
        {
            var interval = ResampledDifference.Create(
                observed / expected, Draws(probabilities, labels, units, options), options.Confidence, units.Unit);
            widest = widest is null || interval.High - interval.Low > widest.High - widest.Low ? interval : widest;
        }
        return new ObservedToExpected(labels.Length, observed, expected, widest!.Low, widest.High, widest.Unit);
    }

    private static double[] Draws(
        ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> labels, CardDraws units, BootstrapOptions options)
    {
        var (observed, expected) = (new double[units.Count], new double[units.Count]);
        for (var i = 0; i < labels.Length; i++)
        {
            observed[units.Numbers[i]] += labels[i] ? 1 : 0;
            expected[units.Numbers[i]] += probabilities[i];
        }
        var random = new RandomStream(options.Seed, RandomPurpose.Bootstrap, index: 1);
        var drawn = new int[units.Count];
        var ratios = new double[options.Resamples];
        for (var i = 0; i < ratios.Length; i++)
        {
            CardDraws.Draw(random, drawn);
            var (frauds, sum) = (0.0, 0.0);
            for (var unit = 0; unit < drawn.Length; unit++)
            {
                (frauds, sum) = (frauds + (drawn[unit] * observed[unit]), sum + (drawn[unit] * expected[unit]));
            }
            ratios[i] = frauds / sum;
        }
        return ratios;
    }

    private static (long Observed, double Expected) Sum(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> labels)
    {
        var (observed, expected) = (0L, 0.0);
        for (var i = 0; i < labels.Length; i++)
        {
            (observed, expected) = (observed + (labels[i] ? 1 : 0), expected + probabilities[i]);
        }
        return (observed, expected);
    }
}
