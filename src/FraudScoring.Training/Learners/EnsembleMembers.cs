using FraudScoring.Inference.Contracts;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>The trained members of an ensemble, in the order of their margins. At least one is present.</summary>
/// <param name="trees">Boosted trees.</param>
/// <param name="forest">Random forest.</param>
/// <param name="linear">Logistic regression.</param>
/// <param name="anomaly">Isolation forest, trained without labels.</param>
internal sealed class EnsembleMembers(GrownTrees? trees, GrownTrees? forest, LogisticRegression? linear, IsolationForest? anomaly)
{
    private readonly (string Name, IEnsembleMember Member)[] _present =
    [
        .. new (string Name, IEnsembleMember? Member)[]
        {
            (EnsembleGraph.Trees, trees), (EnsembleGraph.Forest, forest), (EnsembleGraph.Linear, linear), (EnsembleGraph.Anomaly, anomaly),
        }.Where(one => one.Member is not null).Select(one => (one.Name, one.Member!)),
    ];

    /// <summary>Names of all possible members, in the order of their margins.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [EnsembleGraph.Trees, EnsembleGraph.Forest, EnsembleGraph.Linear, EnsembleGraph.Anomaly];

    /// <summary>Names of the present members, in the order of their margins.</summary>
    public IReadOnlyList<string> Present => [.. _present.Select(one => one.Name)];

    public GrownTrees Trees => trees ?? throw Missing(EnsembleGraph.Trees);

    public GrownTrees Forest => forest ?? throw Missing(EnsembleGraph.Forest);

    public LogisticRegression Linear => linear ?? throw Missing(EnsembleGraph.Linear);

    public IsolationForest Anomaly => anomaly ?? throw Missing(EnsembleGraph.Anomaly);

    /// <summary>Number of boosted trees; 0 without that member.</summary>
    public int Boosted => trees?.Count ?? 0;

    /// <summary>Trains members on the same rows.</summary>
    /// <param name="names">Names of the members to train.</param>
    /// <param name="rows">Rows of both classes, in order of time.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="boosted">Number of trees to boost; null to determine it on the latest rows.</param>
    /// <param name="progress">Receives the completed share of each step.</param>
    /// <param name="cancellation">Checked between steps.</param>
    public static EnsembleMembers Train(
        IReadOnlyList<string> names, TrainingMatrix rows, EnsembleParameters parameters, int? boosted,
        IProgress<LearningProgress>? progress, CancellationToken cancellation)
    {
        var weighed = parameters.Weights.Apply(rows);
        var shift = parameters.Weights.Shift;
        return new EnsembleMembers(
            Learn(EnsembleGraph.Trees, LearningStep.Trees, _ => Boost(weighed, parameters, boosted, progress, cancellation).Lowered(shift)),
            Learn(EnsembleGraph.Forest, LearningStep.Forest,
                report => LogOddsForest.Train(weighed, parameters.Forest, report, cancellation).Lowered(shift)),
            Learn(EnsembleGraph.Linear, LearningStep.Linear,
                report => LogisticRegression.Fit(weighed, parameters.Linear, report, cancellation).Lowered(shift)),
            Learn(EnsembleGraph.Anomaly, LearningStep.Anomaly,
                report => IsolationForest.Grow(rows, parameters.Anomaly, report, cancellation)));

        T? Learn<T>(string name, LearningStep step, Func<IProgress<double>, T> train)
            where T : class
        {
            var member = names.Contains(name) ? train(new StepReport(progress, step)) : null;
            progress?.Report(new LearningProgress(step, 1));
            return member;
        }
    }

    /// <summary>The margins of each member, in the order of <see cref="Present"/>: members × rows.</summary>
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
            // The latest rows decide when to stop, but they are also the most similar to future payments. Once the number of trees is
            // known, all rows are trained on; the cost is a second boosting.
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

    /// <summary>Maps the progress of one boosting to a part of the step, which may consist of two boostings.</summary>
    private sealed class BoostingReport(IProgress<LearningProgress>? progress, double from, double to) : IProgress<BoostingProgress>
    {
        void IProgress<BoostingProgress>.Report(BoostingProgress value) =>
            progress?.Report(new LearningProgress(LearningStep.Trees, from + ((to - from) * value.Trees / value.Most)));
    }
}
