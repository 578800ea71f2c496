using FraudScoring.Core.Statistics;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>The results of a fold.</summary>
/// <param name="Number">Starting at 1, in order of time.</param>
/// <param name="FromMs">Event time of the first predicted payment, milliseconds since the Unix epoch; 0 if times are not known.</param>
/// <param name="ToMs">Event time of the last predicted payment.</param>
/// <param name="TrainRows">Number of training rows.</param>
/// <param name="TrainFrauds">Number of training rows that were known as frauds when the fold began.</param>
/// <param name="Rows">Number of predicted rows.</param>
/// <param name="Frauds">Number of frauds among them.</param>
/// <param name="BoostedTrees">Number of boosted trees, as determined by early stopping.</param>
/// <param name="AveragePrecision">Average precision of each member on the predicted rows, by name.</param>
internal sealed record FoldResult(
    int Number, long FromMs, long ToMs, int TrainRows, int TrainFrauds, int Rows, int Frauds, int BoostedTrees,
    SortedDictionary<string, double> AveragePrecision);

/// <summary>Out-of-fold predictions: margins of payments that came after all the payments their members were trained on.</summary>
/// <remarks>
/// The stacker must not be fitted to margins of rows that the members were trained on. A member fits those too well, the more so the more
/// flexible it is, and the stacker would trust the one that overfits most. Folds are cut by time, not at random: random folds would let
/// members learn from the future of the payments they predict. The cost: members are trained once more per fold, and the first 40 % of
/// the rows are never predicted, so the stacker does not see them.
/// </remarks>
/// <param name="Folds">The folds, at least one.</param>
/// <param name="Members">Names of the members.</param>
/// <param name="Margins">Margins of each member: members × rows.</param>
/// <param name="Rows">The predicted rows of all folds, in order.</param>
internal sealed record OutOfFold(IReadOnlyList<FoldResult> Folds, IReadOnlyList<string> Members, double[][] Margins, TrainingMatrix Rows)
{
    /// <summary>Number of trees to boost on all rows: the mean of the folds, rounded up.</summary>
    public int BoostedTrees => (int)Math.Ceiling(Folds.Average(fold => fold.BoostedTrees));

    /// <summary>The margins of the named members, in that order.</summary>
    public double[][] MarginsOf(IEnumerable<string> names) => [.. names.Select(name => Margins[Array.IndexOf([.. Members], name)])];

    /// <summary>Trains the members for each fold, and predicts the fold.</summary>
    /// <param name="rows">Rows in order of time.</param>
    /// <param name="parameters">The parameters, with at least one fold.</param>
    /// <param name="progress">Receives the completed share of the folds.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <exception cref="ArgumentException">A fold lacks a class.</exception>
    public static OutOfFold Predict(
        TrainingMatrix rows, EnsembleParameters parameters, IProgress<double>? progress, CancellationToken cancellation)
    {
        var folds = TimeFold.Cut(rows, parameters.Folds, parameters.FoldGap);
        var (results, margins) = (new List<FoldResult>(), new List<double[][]>());
        IReadOnlyList<string> names = [];
        foreach (var fold in folds)
        {
            var members = EnsembleMembers.Train(
                parameters.Members, fold.Train, parameters, null, new FoldProgress(progress, fold.Number - 1, folds.Count), cancellation);
            names = members.Present;
            margins.Add(members.PredictMargins(fold.Validation));
            results.Add(Result(fold, members, margins[^1]));
            progress?.Report((double)fold.Number / folds.Count);
        }
        var predicted = folds.Sum(fold => fold.Validation.Rows);
        return new OutOfFold(
            results,
            names,
            [.. names.Select((_, member) => margins.SelectMany(fold => fold[member]).ToArray())],
            // The validation parts are consecutive and end with the last row, so one slice holds them all.
            rows.Slice(rows.Rows - predicted, predicted));
    }

    private static FoldResult Result(TimeFold fold, EnsembleMembers members, double[][] margins)
    {
        var truth = Array.ConvertAll(fold.Validation.Labels.ToArray(), label => label > 0);
        var precision = members.Present.Zip(margins, (name, margin) => (name, RankingMetrics.AveragePrecision(margin, truth)));
        return new FoldResult(
            fold.Number, fold.Validation.Origins[0].EventMs, fold.Validation.Origins[^1].EventMs, fold.Train.Rows, fold.Train.Frauds,
            fold.Validation.Rows, fold.Validation.Frauds, members.Boosted, new(precision.ToDictionary(p => p.name, p => p.Item2)));
    }

    /// <summary>Maps the progress of a fold's steps to the share of all folds.</summary>
    private sealed class FoldProgress(IProgress<double>? progress, int done, int folds) : IProgress<LearningProgress>
    {
        private const int Steps = LearningStep.Anomaly - LearningStep.Trees + 1;

        public void Report(LearningProgress value) =>
            progress?.Report((done + ((value.Step - LearningStep.Trees + value.Fraction) / Steps)) / folds);
    }
}
