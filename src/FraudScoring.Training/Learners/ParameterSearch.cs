using FraudScoring.Core.Payments;
using FraudScoring.Core.Statistics;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>A parameter set tried for a member.</summary>
/// <param name="Member">Name of the member.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="AveragePrecision">Mean average precision of the folds.</param>
internal sealed record Trial(string Member, IReadOnlyDictionary<string, string> Parameters, double AveragePrecision);

/// <summary>The result of a parameter search.</summary>
/// <param name="Best">The parameters, with the best found for each member.</param>
/// <param name="Trials">All trials, in order.</param>
internal sealed record SearchResult(EnsembleParameters Best, IReadOnlyList<Trial> Trials);

/// <summary>
/// Random search (Bergstra and Bengio, 2012) over <see cref="ParameterSpace"/>, member by member: each trial is trained and predicted on
/// time-ordered folds, boosting stops early on the fold's validation part, and the mean average precision decides. The given parameters
/// are the first trial, so the result is never worse than they are on the folds.
/// </summary>
internal sealed class ParameterSearch
{
    private readonly IReadOnlyList<TimeFold> _folds;
    private readonly EnsembleParameters _start;
    private readonly int _trials;
    private readonly IProgress<int>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly List<Trial> _tried = [];
    private int _done;

    private ParameterSearch(
        IReadOnlyList<TimeFold> folds, EnsembleParameters start, int trials, IProgress<int>? progress, CancellationToken cancellation)
    {
        (_start, _trials, _progress, _cancellation) = (start, trials, progress, cancellation);
        _folds = [.. folds.Select(fold =>
            fold with { Train = start.Weights.Apply(fold.Train), Validation = start.Weights.Apply(fold.Validation) })];
    }

    /// <summary>Number of members that are searched: all that use labels.</summary>
    public const int Members = 3;

    /// <summary>Runs the search; the same rows, parameters and seed give the same result.</summary>
    /// <param name="fit">Rows in order of time.</param>
    /// <param name="start">The first trial, and all parameters that are not searched; at least one fold.</param>
    /// <param name="trials">Trials per member, at least 1.</param>
    /// <param name="progress">Receives the number of completed trials, up to <see cref="Members"/> times <paramref name="trials"/>.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <exception cref="ArgumentException">Parameters are out of range, there are no folds, or a fold lacks a class.</exception>
    public static SearchResult Run(
        TrainingMatrix fit, EnsembleParameters start, int trials, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        var faults = new Faults();
        start.Check(faults);
        if (start.Folds < 1 || trials < 1)
        {
            faults.Add("search", "needs at least one trial and one fold");
        }
        faults.ThrowIfAny();
        var search = new ParameterSearch(TimeFold.Cut(fit, start.Folds, start.FoldGap), start, trials, progress, cancellation);
        var best = start with
        {
            Trees = search.Best("trees", 0, start.Trees, ParameterSpace.Draw, search.Boost),
            Forest = search.Best("forest", 1, start.Forest, ParameterSpace.Draw,
                (fold, parameters) => LogOddsForest.Train(fold.Train, parameters, null, cancellation).PredictMargins(fold.Validation)),
            Linear = search.Best("linear", 2, start.Linear, ParameterSpace.Draw,
                (fold, parameters) => LogisticRegression.Fit(fold.Train, parameters, null, cancellation).PredictMargins(fold.Validation)),
        };
        return new SearchResult(best, search._tried);
    }

    private double[] Boost(TimeFold fold, BoostedTreesParameters parameters) =>
        BoostedTrees.Train(fold.Train, fold.Validation, parameters, null, _cancellation).PredictMargins(fold.Validation);

    private T Best<T>(string member, int stream, T start, Func<T, RandomStream, T> draw, Func<TimeFold, T, double[]> predict)
        where T : notnull
    {
        var (best, bestPrecision) = (start, double.NegativeInfinity);
        for (var trial = 0; trial < _trials; trial++)
        {
            var parameters = trial == 0
                ? start
                : draw(start, new RandomStream((ulong)_start.Trees.Seed, RandomPurpose.ParameterSearch, stream, trial));
            var precision = _folds.Average(fold => Precision(predict(fold, parameters), fold.Validation));
            _tried.Add(new Trial(member, FlatParameters.Flatten(parameters), Math.Round(precision, 6)));
            _progress?.Report(++_done);
            if (precision > bestPrecision)
            {
                (best, bestPrecision) = (parameters, precision);
            }
        }
        return best;
    }

    private static double Precision(double[] margins, TrainingMatrix rows) =>
        RankingMetrics.AveragePrecision(margins, Array.ConvertAll(rows.Labels.ToArray(), label => label > 0));
}
