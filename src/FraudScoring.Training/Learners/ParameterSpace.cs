using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Learners;

/// <summary>
/// Where the search looks: every number is drawn on its own, those that span magnitudes by their logarithm. What bounds the time of a
/// score (trees at most, depth of the forest) is not searched.
/// </summary>
/// <remarks>
/// trees: 15-63 leaves, depth 4-8, learning rate 0.02-0.12, feature fraction 0.3-0.9, bagging fraction 0.5-1, 20-200 rows in a leaf,
/// L2 0.1-30. forest: 24-64 leaves, feature fraction 0.2-0.9, bagging fraction 0.3-0.9, 5-100 rows in a leaf, random or best thresholds.
/// linear: L2 0.1-300, clip 3-10. The isolation forest sees no labels, so there is nothing to choose it by.
/// </remarks>
internal static class ParameterSpace
{
    public static BoostedTreesParameters Draw(BoostedTreesParameters start, RandomStream random) => start with
    {
        Leaves = Whole(random, 15, 63),
        Depth = random.Between(4, 8),
        LearningRate = Magnitude(random, 0.02, 0.12),
        FeatureFraction = Rounded(random.Uniform(0.3, 0.9)),
        BaggingFraction = Rounded(random.Uniform(0.5, 1)),
        RowsInLeaf = Whole(random, 20, 200),
        L2 = Magnitude(random, 0.1, 30),
    };

    public static ForestParameters Draw(ForestParameters start, RandomStream random) => start with
    {
        Leaves = Whole(random, 24, 64),
        FeatureFraction = Rounded(random.Uniform(0.2, 0.9)),
        BaggingFraction = Rounded(random.Uniform(0.3, 0.9)),
        RowsInLeaf = Whole(random, 5, 100),
        RandomThresholds = random.Chance(0.5),
    };

    public static LogisticRegressionParameters Draw(LogisticRegressionParameters start, RandomStream random) => start with
    {
        L2 = Magnitude(random, 0.1, 300),
        Clip = (float)Rounded(random.Uniform(3, 10)),
    };

    private static int Whole(RandomStream random, int least, int most) => (int)Math.Round(Magnitude(random, least, most));

    private static double Magnitude(RandomStream random, double least, double most) =>
        Rounded(Math.Clamp(least * Math.Pow(most / least, random.Uniform()), least, most));

    /// <summary>To three digits: what is written in the run log is what was used, and the last bit of a power does not matter.</summary>
    private static double Rounded(double value)
    {
        var scale = Math.Pow(10, 2 - Math.Floor(Math.Log10(value)));
        return scale >= 1 ? Math.Round(value * scale) / scale : Math.Round(value);
    }
}
