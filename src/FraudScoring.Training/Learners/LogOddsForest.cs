using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>
/// A random forest (Breiman, 2001; with random thresholds the extremely randomised trees of Geurts, Ernst and Wehenkel, 2006) whose
/// leaves hold log-odds and whose margin is their mean.
/// </summary>
/// <remarks>
/// LightGBM's forest mode grows the trees, but its leaf values are one Newton step from the overall fraud rate. For rare frauds that step
/// is far from the log-odds of the leaf, so the leaf values are estimated again: from the counts of all training rows, with a prior. The
/// mean of log-odds is used, not the usual mean of probabilities, because only sums of log-odds can be stacked, explained and exported
/// like the other members. The cost: one prediction of all rows per training.
/// </remarks>
internal static class LogOddsForest
{
    private const string Averaged = "average_output\n";
    private const int RowsAtOnce = TrainingMatrix.ChunkRows;

    // A prior of half a fraud, and of legitimate payments in the overall proportion: the log-odds of a leaf without frauds stay finite,
    // and those of an empty leaf are the overall ones.
    private const double PriorFrauds = 0.5;

    /// <summary>Grows a forest; the same rows and parameters give the same text.</summary>
    /// <param name="train">Rows of both classes.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="progress">Receives the share of trees grown.</param>
    /// <param name="cancellation">Checked between trees.</param>
    /// <exception cref="ArgumentException">Parameters are out of range, or a class is missing.</exception>
    /// <exception cref="LightGbmException">LightGBM failed.</exception>
    public static GrownTrees Train(
        TrainingMatrix train, ForestParameters parameters, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var text = parameters.ToText();
        TwoClasses.Check(train, "training");
        using var rows = DatasetHandle.Create(train, text);
        using var grown = BoosterHandle.Create(rows, text);
        for (var tree = 1; tree <= parameters.Trees; tree++)
        {
            cancellation.ThrowIfCancellationRequested();
            grown.Update();
            progress?.Report((double)tree / parameters.Trees);
        }
        // Without this line LightGBM sums the leaves, as the exported graph does, instead of averaging them. WithLogOdds divides them.
        var model = grown.Text().Replace(Averaged, "", StringComparison.Ordinal);
        return new GrownTrees(LeafGrid.Snap(WithLogOdds(model, train)), train.Features);
    }

    private static string WithLogOdds(string modelText, TrainingMatrix train)
    {
        var trees = LightGbmModelText.Parse(modelText).Trees;
        var counts = trees.Select(tree => new LeafCount[tree.LeafValues.Length]).ToArray();
        using var booster = BoosterHandle.Load(modelText);
        Count(booster, train, counts);
        var all = counts[0].Aggregate((sum, leaf) => new LeafCount(sum.Frauds + leaf.Frauds, sum.Legitimate + leaf.Legitimate));
        var priorLegitimate = PriorFrauds * all.Legitimate / all.Frauds;
        for (var tree = 0; tree < counts.Length; tree++)
        {
            for (var leaf = 0; leaf < counts[tree].Length; leaf++)
            {
                var (frauds, legitimate) = counts[tree][leaf];
                var logOdds = Math.Log((frauds + PriorFrauds) / (legitimate + priorLegitimate));
                booster.SetLeaf(tree, leaf, logOdds / counts.Length);
            }
        }
        return booster.Text();
    }

    private static void Count(BoosterHandle booster, TrainingMatrix train, LeafCount[][] counts)
    {
        var leaves = new double[RowsAtOnce * counts.Length];
        for (var start = 0; start < train.Rows; start += RowsAtOnce)
        {
            var part = train.Slice(start, Math.Min(RowsAtOnce, train.Rows - start));
            booster.Predict(part, LightGbmNative.PredictLeafIndex, counts.Length, leaves.AsSpan(0, part.Rows * counts.Length));
            for (var row = 0; row < part.Rows; row++)
            {
                for (var tree = 0; tree < counts.Length; tree++)
                {
                    ref var leaf = ref counts[tree][(int)leaves[row * counts.Length + tree]];
                    leaf = part.Labels[row] > 0
                        ? leaf with { Frauds = leaf.Frauds + part.Weights[row] }
                        : leaf with { Legitimate = leaf.Legitimate + part.Weights[row] };
                }
            }
        }
    }

    private readonly record struct LeafCount(double Frauds, double Legitimate);
}
