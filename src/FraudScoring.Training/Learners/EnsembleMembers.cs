using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Learners;

/// <summary>The members of an ensemble, each with a margin that adds up over its trees or terms.</summary>
/// <param name="Trees">Boosted trees.</param>
/// <param name="Forest">Independent trees.</param>
/// <param name="Linear">Logistic regression.</param>
/// <param name="Anomaly">Isolation forest, without labels.</param>
internal sealed record EnsembleMembers(GrownTrees Trees, GrownTrees Forest, LogisticRegression Linear, IsolationForest Anomaly)
{
    /// <summary>Their names, in the order of their margins.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [EnsembleGraph.Trees, EnsembleGraph.Forest, EnsembleGraph.Linear, EnsembleGraph.Anomaly];

    /// <summary>Trains all members on the same rows.</summary>
    /// <param name="rows">In order of time, both classes.</param>
    /// <param name="parameters">See there.</param>
    /// <param name="boosted">How many trees to boost on all rows; null to see on the latest when to stop.</param>
    /// <param name="progress">Told the share done of each stage.</param>
    /// <param name="cancellation">Looked at between steps.</param>
    public static EnsembleMembers Train(
        TrainingMatrix rows, EnsembleParameters parameters, int? boosted, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var weighed = parameters.Weights.Apply(rows);
        var shift = parameters.Weights.Shift;
        var trees = Boost(weighed, parameters, boosted, progress, cancellation).Lowered(shift);
        progress?.Report(new TrainingProgress(TrainingStage.Trees, 1));
        var forest = LogOddsForest.Train(weighed, parameters.Forest, Report(progress, TrainingStage.Forest), cancellation).Lowered(shift);
        progress?.Report(new TrainingProgress(TrainingStage.Forest, 1));
        var linear = LogisticRegression.Fit(weighed, parameters.Linear, Report(progress, TrainingStage.Linear), cancellation).Lowered(shift);
        progress?.Report(new TrainingProgress(TrainingStage.Linear, 1));
        var anomaly = IsolationForest.Grow(rows, parameters.Anomaly, Report(progress, TrainingStage.Anomaly), cancellation);
        progress?.Report(new TrainingProgress(TrainingStage.Anomaly, 1));
        return new EnsembleMembers(trees, forest, linear, anomaly);
    }

    /// <summary>Per member its margin on each row, in the order of <see cref="Names"/>.</summary>
    public double[][] PredictMargins(TrainingMatrix matrix) =>
        [Trees.PredictMargins(matrix), Forest.PredictMargins(matrix), Linear.PredictMargins(matrix), Anomaly.PredictMargins(matrix)];

    private static GrownTrees Boost(
        TrainingMatrix rows, EnsembleParameters parameters, int? boosted, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var told = new BoostingReport(progress);
        if (boosted is { } trees)
        {
            return BoostedTrees.Train(rows, null, parameters.Trees with { Trees = trees }, told, cancellation);
        }
        var validationRows = (int)(rows.Rows * parameters.ValidationShare);
        var validation = validationRows > 0 ? rows.Slice(rows.Rows - validationRows, validationRows) : null;
        return BoostedTrees.Train(rows.Slice(0, rows.Rows - validationRows), validation, parameters.Trees, told, cancellation);
    }

    private static StageReport Report(IProgress<TrainingProgress>? progress, TrainingStage stage) => new(progress, stage);

    private sealed class StageReport(IProgress<TrainingProgress>? progress, TrainingStage stage) : IProgress<double>
    {
        void IProgress<double>.Report(double value) => progress?.Report(new TrainingProgress(stage, value));
    }

    private sealed class BoostingReport(IProgress<TrainingProgress>? progress) : IProgress<BoostingProgress>
    {
        void IProgress<BoostingProgress>.Report(BoostingProgress value) =>
            progress?.Report(new TrainingProgress(TrainingStage.Trees, (double)value.Trees / value.Most));
    }
}
