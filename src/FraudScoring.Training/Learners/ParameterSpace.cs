using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Learners;

/// <summary>
/// The parameter space of the search. Each parameter is drawn independently, those that span magnitudes on a logarithmic scale.
/// Parameters that determine the time of a score (maximum number of trees, depth of the forest) are not searched.
/// </summary>
/// <remarks>
/// trees: 15-63 leaves, depth 4-8, learning rate 0.02-0.12, feature fraction 0.3-0.9, bagging fraction 0.5-1, 20-200 rows in a leaf,
/// L2 0.1-30. forest: 24-64 leaves, feature fraction 0.2-0.9, bagging fraction 0.3-0.9, 5-100 rows in a leaf, random or best thresholds.
/// linear: L2 0.1-300, clip 3-10. The isolation forest uses no labels, so it has no metric to be chosen by.
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

    /// <summary>
    /// Rounds to three digits, so that the run log shows the exact value, and so that it does not depend on the last bit of a power, which
    /// differs between math libraries.
    /// </summary>
    private static double Rounded(double value)
    {
        var scale = Math.Pow(10, 2 - Math.Floor(Math.Log10(value)));
        return scale >= 1 ? Math.Round(value * scale) / scale : Math.Round(value);
    }
}
