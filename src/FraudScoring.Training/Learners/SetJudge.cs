using FraudScoring.Core.Statistics;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>
/// Evaluates member sets on the out-of-fold predictions. The stacker of each fold is fitted to the other folds, earlier and later ones: it
/// has only a few weights, so it can learn hardly anything from the future. The members' predictions themselves come from the past only.
/// </summary>
internal sealed class SetJudge
{
    private readonly OutOfFold _folds;
    private readonly BootstrapOptions _draws;
    private readonly CancellationToken _cancellation;
    private readonly (int From, int To)[] _parts;
    private readonly TrainingMatrix[] _others;
    private readonly bool[] _truth;
    private readonly long[] _cards;

    public SetJudge(OutOfFold folds, BootstrapOptions draws, CancellationToken cancellation)
    {
        (_folds, _draws, _cancellation) = (folds, draws, cancellation);
        var ends = folds.Folds.Aggregate(new List<int> { 0 }, (sums, fold) => [.. sums, sums[^1] + fold.Rows]);
        _parts = [.. ends.Zip(ends.Skip(1))];
        // Weight 0 instead of a copy without these rows: row numbers still match the margins.
        _others = Array.ConvertAll(_parts, part => folds.Rows.Weighed(row => row >= part.From && row < part.To ? 0 : 1));
        _truth = Array.ConvertAll(folds.Rows.Labels.ToArray(), label => label > 0);
        _cards = Array.ConvertAll(folds.Rows.Origins.ToArray(), origin => origin.Card);
    }

    /// <summary>Evaluates a member set.</summary>
    /// <param name="members">Names of the members.</param>
    /// <param name="baseline">The set to compute the gains against; null for none.</param>
    public JudgedSet Judge(IReadOnlyList<string> members, JudgedSet? baseline)
    {
        var scores = Stacked(_folds.MarginsOf(members));
        var figures = new ConsideredSet(
            members, RankingMetrics.AveragePrecision(scores, _truth), RankingMetrics.AreaUnderRoc(scores, _truth), null, null);
        if (baseline is null)
        {
            return new JudgedSet(figures, scores);
        }
        var gain = PairedBootstrap.Compare(scores, baseline.Scores, _truth, _cards, _draws);
        return new JudgedSet(figures with { Gain = Gain.Create(gain.AveragePrecision), AucGain = Gain.Create(gain.Auc) }, scores);
    }

    private double[] Stacked(double[][] margins)
    {
        var scores = new double[margins[0].Length];
        for (var i = 0; i < _parts.Length; i++)
        {
            var (from, to) = _parts[i];
            // If no member of the set ranks frauds on the other folds, all payments of this fold get the same score, 0.
            Stacker.TryFit(margins, _others[i], _cancellation)?
                .PredictMargins(Array.ConvertAll(margins, margin => margin[from..to])).CopyTo(scores, from);
        }
        return scores;
    }
}

/// <summary>A member set with its stacked score of each payment of the folds.</summary>
internal sealed record JudgedSet(ConsideredSet Figures, double[] Scores);
