using FraudScoring.Inference.Contracts;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>The members of an ensemble: some or all of these, in this order.</summary>
/// <param name="trees">Boosted trees.</param>
/// <param name="forest">Independent trees.</param>
/// <param name="linear">Logistic regression.</param>
/// <param name="anomaly">Isolation forest, without labels.</param>
internal sealed class EnsembleMembers(GrownTrees? trees, GrownTrees? forest, LogisticRegression? linear, IsolationForest? anomaly)
{
    private readonly (string Name, IEnsembleMember Member)[] _present =
    [
        .. new (string Name, IEnsembleMember? Member)[]
        {
            (EnsembleGraph.Trees, trees), (EnsembleGraph.Forest, forest), (EnsembleGraph.Linear, linear), (EnsembleGraph.Anomaly, anomaly),
        }.Where(one => one.Member is not null).Select(one => (one.Name, one.Member!)),
    ];

    /// <summary>The names of all members there may be, in the order of their margins.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [EnsembleGraph.Trees, EnsembleGraph.Forest, EnsembleGraph.Linear, EnsembleGraph.Anomaly];

    /// <summary>The names of those that are here, in the order of their margins.</summary>
    public IReadOnlyList<string> Present => [.. _present.Select(one => one.Name)];

    public GrownTrees Trees => trees ?? throw Missing(EnsembleGraph.Trees);

    public GrownTrees Forest => forest ?? throw Missing(EnsembleGraph.Forest);

    public LogisticRegression Linear => linear ?? throw Missing(EnsembleGraph.Linear);

    public IsolationForest Anomaly => anomaly ?? throw Missing(EnsembleGraph.Anomaly);

    /// <summary>Boosted trees that were grown; none without that member.</summary>
    public int Boosted => trees?.Count ?? 0;

    /// <summary>Trains members on the same rows.</summary>
    /// <param name="names">Which.</param>
    /// <param name="rows">In order of time, both classes.</param>
    /// <param name="parameters">See there.</param>
    /// <param name="boosted">How many trees to boost on all rows; null to see on the latest when to stop.</param>
    /// <param name="progress">Told the share done of each step.</param>
    /// <param name="cancellation">Looked at between steps.</param>
    public static EnsembleMembers Train(
        IReadOnlyList<string> names, TrainingMatrix rows, EnsembleParameters parameters, int? boosted, IProgress<LearningProgress>? progress,
        CancellationToken cancellation)
    {
        var weighed = parameters.Weights.Apply(rows);
        var shift = parameters.Weights.Shift;
        return new EnsembleMembers(
            Learn(EnsembleGraph.Trees, LearningStep.Trees, _ => Boost(weighed, parameters, boosted, progress, cancellation).Lowered(shift)),
            Learn(EnsembleGraph.Forest, LearningStep.Forest,
                told => LogOddsForest.Train(weighed, parameters.Forest, told, cancellation).Lowered(shift)),
            Learn(EnsembleGraph.Linear, LearningStep.Linear,
                told => LogisticRegression.Fit(weighed, parameters.Linear, told, cancellation).Lowered(shift)),
            Learn(EnsembleGraph.Anomaly, LearningStep.Anomaly, told => IsolationForest.Grow(rows, parameters.Anomaly, told, cancellation)));

        T? Learn<T>(string name, LearningStep step, Func<IProgress<double>, T> train)
            where T : class
        {
            var member = names.Contains(name) ? train(new StepReport(progress, step)) : null;
            progress?.Report(new LearningProgress(step, 1));
            return member;
        }
    }

    /// <summary>Per member its margin on each row, in the order of <see cref="Present"/>.</summary>
    public double[][] PredictMargins(TrainingMatrix matrix) => [.. _present.Select(one => one.Member.PredictMargins(matrix))];

    private static GrownTrees Boost(
        TrainingMatrix rows, EnsembleParameters parameters, int? boosted, IProgress<LearningProgress>? progress,
        CancellationToken cancellation)
    {
        var validationRows = (int)(rows.Rows * parameters.ValidationShare);
        var begun = 0.0;
        if (boosted is null && validationRows > 0)
        {
            begun = 0.5;
            var (earlier, latest) = (rows.Slice(0, rows.Rows - validationRows), rows.Slice(rows.Rows - validationRows, validationRows));
            // What was held back to see when to stop is the most like what is to come: once that is known, it is learned from too.
            boosted = BoostedTrees.Train(earlier, latest, parameters.Trees, new BoostingReport(progress, 0, begun), cancellation).Count;
        }
        var grown = parameters.Trees with { Trees = boosted ?? parameters.Trees.Trees };
        return BoostedTrees.Train(rows, null, grown, new BoostingReport(progress, begun, 1), cancellation);
    }

    private static InvalidOperationException Missing(string name) => new($"the ensemble has no member {name}");

    private sealed class StepReport(IProgress<LearningProgress>? progress, LearningStep step) : IProgress<double>
    {
        void IProgress<double>.Report(double value) => progress?.Report(new LearningProgress(step, value));
    }

    /// <summary>One boosting of two: from a share of the step to another.</summary>
    private sealed class BoostingReport(IProgress<LearningProgress>? progress, double from, double to) : IProgress<BoostingProgress>
    {
        void IProgress<BoostingProgress>.Report(BoostingProgress value) =>
            progress?.Report(new LearningProgress(LearningStep.Trees, from + ((to - from) * value.Trees / value.Most)));
    }
}
