using FraudScoring.Core.Statistics;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>How a fold went.</summary>
/// <param name="Number">From 1, in order of time.</param>
/// <param name="FromMs">Event time of the first predicted payment, milliseconds since the Unix epoch; 0 where times are not known.</param>
/// <param name="ToMs">Of the last one.</param>
/// <param name="TrainRows">Rows learned from.</param>
/// <param name="TrainFrauds">Of them known as frauds when the fold began.</param>
/// <param name="Rows">Rows predicted.</param>
/// <param name="Frauds">Frauds among them.</param>
/// <param name="BoostedTrees">Boosted trees after which the loss rose.</param>
/// <param name="AveragePrecision">Of each member on the predicted rows, by name.</param>
internal sealed record FoldResult(
    int Number, long FromMs, long ToMs, int TrainRows, int TrainFrauds, int Rows, int Frauds, int BoostedTrees,
    SortedDictionary<string, double> AveragePrecision);

/// <summary>What members say of payments that came after all they learned from, fold by fold.</summary>
/// <param name="Folds">At least one.</param>
/// <param name="Members">Names of the members.</param>
/// <param name="Margins">Per member its margin on each row.</param>
/// <param name="Rows">The predicted rows of all folds, in order.</param>
internal sealed record OutOfFold(IReadOnlyList<FoldResult> Folds, IReadOnlyList<string> Members, double[][] Margins, TrainingMatrix Rows)
{
    /// <summary>How many trees to boost on all rows: the folds' mean.</summary>
    public int BoostedTrees => (int)Math.Ceiling(Folds.Average(fold => fold.BoostedTrees));

    /// <summary>The margins of some of the members, in their order.</summary>
    public double[][] MarginsOf(IEnumerable<string> names) => [.. names.Select(name => Margins[Array.IndexOf([.. Members], name)])];

    /// <summary>Trains the members once per fold, and lets them predict it.</summary>
    /// <param name="rows">In order of time.</param>
    /// <param name="parameters">See there; at least one fold.</param>
    /// <param name="progress">Told the share of the folds done.</param>
    /// <param name="cancellation">Looked at between steps.</param>
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

    /// <summary>Of a fold's steps the share of all folds.</summary>
    private sealed class FoldProgress(IProgress<double>? progress, int done, int folds) : IProgress<LearningProgress>
    {
        private const int Steps = LearningStep.Anomaly - LearningStep.Trees + 1;

        public void Report(LearningProgress value) =>
            progress?.Report((done + ((value.Step - LearningStep.Trees + value.Fraction) / Steps)) / folds);
    }
}
