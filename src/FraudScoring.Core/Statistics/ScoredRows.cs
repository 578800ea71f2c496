namespace FraudScoring.Core.Statistics;

/// <summary>Checks the scores and labels of every metric.</summary>
internal static class ScoredRows
{
    public static void Check(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels)
    {
        if (scores.Length != labels.Length)
        {
            throw new ArgumentException(
                $"labels: has {labels.Length} entries for {scores.Length} scores; pass one per score.", nameof(labels));
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
            throw new ArgumentException("probabilities: must not be empty.", nameof(probabilities));
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
