namespace FraudScoring.Core.Statistics;

/// <summary>What every metric asks of scores and labels.</summary>
internal static class ScoredRows
{
    public static void Check(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels)
    {
        if (scores.Length != labels.Length)
        {
            throw new ArgumentException($"labels: {labels.Length} for {scores.Length} scores.", nameof(labels));
        }
        for (var i = 0; i < scores.Length; i++)
        {
            if (double.IsNaN(scores[i]))
            {
                throw new ArgumentException($"scores[{i}]: is not a number.", nameof(scores));
            }
        }
    }

    /// <summary>The same for probabilities: at least one, each from 0 to 1.</summary>
    public static void CheckProbabilities(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> labels)
    {
        Check(probabilities, labels);
        if (probabilities.IsEmpty)
        {
            throw new ArgumentException("probabilities: there are none.", nameof(probabilities));
        }
        for (var i = 0; i < probabilities.Length; i++)
        {
            if (probabilities[i] is < 0 or > 1)
            {
                throw new ArgumentException($"probabilities[{i}]: must be from 0 to 1.", nameof(probabilities));
            }
        }
    }
}
