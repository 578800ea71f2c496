using FraudScoring.Core.Statistics;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>
/// Fits a <see cref="Calibration"/> in four steps: isotonic regression of the labels on the margins (Zadrozny and Elkan, 2002); merging
/// its blocks until each holds enough of both classes and at most <see cref="MostKnots"/> are left; straight lines between the blocks'
/// mean margins, with slopes limited to <see cref="LeastSlope"/> to <see cref="MostSlope"/> and slope 1 outside (the stacker's own
/// scale); a bias that makes the expected number of frauds equal the observed one.
/// </summary>
/// <remarks>
/// Platt scaling and beta calibration fit two or three parameters of one curve to all payments. Nearly all payments have low scores, so
/// they determine the curve, and it may be wrong where decisions are made, among the few high scores. Plain isotonic regression follows
/// the data everywhere, but is a step function: payments within a step get the same probability, and the ranking is lost. This map
/// follows the data and keeps the ranking; its price is that every knot needs frauds of its own. With few frauds one knot is left, and
/// calibration only shifts the log-odds.
/// The rows come after those of members and stacker. On rows they were fitted to, margins are overconfident, and a map fitted there would
/// confirm it; later rows also show how the rate of frauds has changed since.
/// </remarks>
internal static class CalibrationFit
{
    public const int MostKnots = 16;
    public const double LeastSlope = 0.125;
    public const double MostSlope = 4;

    // With 25 frauds, the standard error of a block's fraud rate is a fifth of the rate (1 / √25).
    private const double LeastOfEachClass = 25;

    /// <param name="margins">The stacker's margin of each row. Neither members nor stacker were fitted to these rows.</param>
    /// <param name="rows">The rows' labels and weights.</param>
    /// <exception cref="ArgumentException">A class is missing.</exception>
    public static Calibration Fit(double[] margins, TrainingMatrix rows)
    {
        TwoClasses.Check(rows, "calibration");
        var labels = Doubles(rows.Labels);
        var weights = Doubles(rows.Weights);
        var blocks = Merge(IsotonicRegression.Fit(margins, labels, weights).Blocks);
        var map = Through(blocks);
        return map with { Bias = (float)(map.Bias + Shift(map, margins, labels, weights)) };
    }

    private static List<Block> Merge(IReadOnlyList<IsotonicBlock> fitted)
    {
        var blocks = fitted.Select(b => new Block(b.Mean, b.Value * b.Weight, b.Weight)).ToList();
        while (blocks.Count > 1)
        {
            // Poor blocks go first: by chance they often differ most, and joining by likelihood would keep them.
            var poorest = Enumerable.Range(0, blocks.Count).MinBy(i => blocks[i].Rarer);
            if (blocks[poorest].Rarer < LeastOfEachClass)
            {
                Join(blocks, Nearer(blocks, poorest));
            }
            else if (blocks.Count > MostKnots)
            {
                Join(blocks, Enumerable.Range(0, blocks.Count - 1).MinBy(i => blocks[i].LossOfJoining(blocks[i + 1])));
            }
            else
            {
                break;
            }
        }
        return blocks;
    }

    /// <summary>Index of the left block of the pair with <paramref name="block"/> whose merge costs the least likelihood.</summary>
    private static int Nearer(List<Block> blocks, int block)
    {
        if (block == 0)
        {
            return 0;
        }
        return block == blocks.Count - 1 || blocks[block - 1].LossOfJoining(blocks[block]) <= blocks[block].LossOfJoining(blocks[block + 1])
            ? block - 1
            : block;
    }

    private static void Join(List<Block> blocks, int left)
    {
        blocks[left] = blocks[left].With(blocks[left + 1]);
        blocks.RemoveAt(left + 1);
    }

    private static Calibration Through(List<Block> blocks)
    {
        // Two knots that are equal as floats would make a jump.
        var points = blocks.DistinctBy(b => (float)b.Mean).ToList();
        var knots = points.ConvertAll(p => (float)p.Mean);
        var slopes = new List<double> { 1 };
        for (var i = 1; i < points.Count; i++)
        {
            // A limited slope shifts the line after it but makes no jump, as the map is a sum of hinges. The bias corrects the level.
            slopes.Add(Math.Clamp((points[i].Logit - points[i - 1].Logit) / ((double)knots[i] - knots[i - 1]), LeastSlope, MostSlope));
        }
        slopes.Add(1);
        var changes = slopes.Zip(slopes.Skip(1), (before, after) => (float)(after - before));
        // The left tail has slope 1, and its bias makes it meet the first block at the first knot.
        return new Calibration((float)(points[0].Logit - knots[0]), 1, [.. knots], [.. changes]);
    }

    /// <summary>
    /// The shift of all log-odds that makes the expected number of frauds equal the observed one. Found by bisection, because the
    /// expectation rises with the shift; 60 halvings of an interval of 80 reach the precision of a double.
    /// </summary>
    private static double Shift(Calibration map, double[] margins, double[] labels, double[] weights)
    {
        var logits = Array.ConvertAll(margins, map.Logit);
        var observed = labels.Zip(weights, (label, weight) => label * weight).Sum();
        var (low, high) = (-40.0, 40.0);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            var expected = 0.0;
            for (var row = 0; row < logits.Length; row++)
            {
                expected += weights[row] * Logistic.Sigmoid(logits[row] + middle);
            }
            (low, high) = expected < observed ? (middle, high) : (low, middle);
        }
        return (low + high) / 2;
    }

    private static double[] Doubles(ReadOnlySpan<float> values)
    {
        var doubles = new double[values.Length];
        System.Numerics.Tensors.TensorPrimitives.ConvertChecked(values, doubles);
        return doubles;
    }

    private readonly record struct Block(double Mean, double Frauds, double Weight)
    {
        public double Rarer => Math.Min(Frauds, Weight - Frauds);

        // Half a row of each class keeps the log-odds finite if a single block is left.
        public double Logit => Math.Log((Frauds + 0.5) / (Weight - Frauds + 0.5));

        public Block With(Block next) =>
            new((Mean * Weight + next.Mean * next.Weight) / (Weight + next.Weight), Frauds + next.Frauds, Weight + next.Weight);

        /// <summary>Loss of log-likelihood if the two blocks share one fraud rate.</summary>
        public double LossOfJoining(Block next) => LogLikelihood + next.LogLikelihood - With(next).LogLikelihood;

        private double LogLikelihood => Term(Frauds) + Term(Weight - Frauds);

        private double Term(double count) => count <= 0 ? 0 : count * Math.Log(count / Weight);
    }
}
