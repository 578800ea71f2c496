using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

internal sealed record IsolationForestParameters
{
    /// <summary>Number of trees, 1 to 1,000.</summary>
    public int Trees { get; init; } = 50;

    /// <summary>Number of rows a tree is grown on, 2 to 65,536. Its depth is at most the binary logarithm of this, rounded up.</summary>
    public int Subsample { get; init; } = 128;

    /// <summary>Random seed, at least 0.</summary>
    public int Seed { get; init; } = 20_260_103;

    public void Check(Faults faults)
    {
        ParameterRange.Within("anomaly.Trees", Trees, 1, 1_000, faults);
        ParameterRange.Within("anomaly.Subsample", Subsample, 2, 65_536, faults);
        ParameterRange.Within("anomaly.Seed", Seed, 0, int.MaxValue, faults);
    }
}

/// <summary>
/// An isolation forest (Liu, Ting and Zhou, 2008): random splits isolate unusual rows after fewer splits than ordinary ones. It uses no
/// labels. Its margin is minus the mean path length: higher is more unusual, and unlike the usual score 2^(-path / c) it is a sum over the
/// trees, so that it can be explained and exported like the other members.
/// </summary>
/// <param name="FeatureNames">Feature names, in column order.</param>
/// <param name="Trees">At least one.</param>
internal sealed record IsolationForest(IReadOnlyList<string> FeatureNames, IReadOnlyList<IsolationTree> Trees) : IEnsembleMember
{
    /// <summary>Grows a forest; the same rows and parameters give the same trees.</summary>
    /// <param name="matrix">At least one row; labels and weights are not used.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="progress">Receives the share of trees grown.</param>
    /// <param name="cancellation">Checked between trees.</param>
    /// <exception cref="ArgumentException">Parameters are out of range, or there are no rows.</exception>
    public static IsolationForest Grow(
        TrainingMatrix matrix, IsolationForestParameters parameters, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        var faults = new Faults();
        parameters.Check(faults);
        if (matrix.Rows == 0)
        {
            faults.Add("rows", "must not be empty: an isolation forest needs rows to grow on");
        }
        faults.ThrowIfAny();
        var trees = new IsolationTree[parameters.Trees];
        for (var tree = 0; tree < trees.Length; tree++)
        {
            cancellation.ThrowIfCancellationRequested();
            trees[tree] = new IsolationTreeBuilder(matrix, parameters, tree).Build();
            progress?.Report((tree + 1.0) / trees.Length);
        }
        return OnGrid(new IsolationForest(matrix.FeatureNames, trees));
    }

    public double[] PredictMargins(TrainingMatrix matrix)
    {
        if (matrix.Features != FeatureNames.Count)
        {
            throw new ArgumentException(
                $"the isolation forest was grown on {FeatureNames.Count} features, the rows have {matrix.Features}", nameof(matrix));
        }
        var margins = new double[matrix.Rows];
        Parallel.For(0, margins.Length, row =>
        {
            var values = matrix.Row(row);
            var margin = 0.0;
            foreach (var tree in Trees)
            {
                margin += tree.Leaf(values);
            }
            margins[row] = margin;
        });
        return margins;
    }

    /// <summary>The trees as a LightGBM model, so that one exporter writes both.</summary>
    public LightGbmModel ToModel() => new(FeatureNames, 1, [.. Trees.Select(tree => tree.ToTree())]);

    /// <summary>Rounds the leaves so that floats add them exactly: see <see cref="LeafGrid"/>.</summary>
    private static IsolationForest OnGrid(IsolationForest forest)
    {
        var step = LeafGrid.Step(forest.ToModel());
        return forest with
        {
            Trees =
                [.. forest.Trees.Select(t => t with { LeafValues = Array.ConvertAll(t.LeafValues, v => Math.Round(v / step) * step) })],
        };
    }
}
