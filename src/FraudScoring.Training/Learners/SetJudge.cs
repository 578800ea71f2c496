using FraudScoring.Core.Statistics;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>
/// Judges sets of members on all folds: each fold by a stacker that learned its few weights from the other folds. What the members say of a
/// fold they said before it, knowing only what was known by then.
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
        _others = Array.ConvertAll(_parts, part => folds.Rows.Weighed(row => row >= part.From && row < part.To ? 0 : 1));
        _truth = Array.ConvertAll(folds.Rows.Labels.ToArray(), label => label > 0);
        _cards = Array.ConvertAll(folds.Rows.Origins.ToArray(), origin => origin.Card);
        if (Array.TrueForAll(_cards, card => card == _cards[0]))
        {
            // Whose payments they are is not known: each is drawn by itself.
            _cards = [.. Enumerable.Range(0, _cards.Length).Select(row => (long)row)];
        }
    }

    /// <summary>A set; with another to compare it with, by how much it is better.</summary>
    public JudgedSet Judge(IReadOnlyList<string> members, JudgedSet? beside)
    {
        var scores = Stacked(_folds.MarginsOf(members));
        var figures = new ConsideredSet(
            members, RankingMetrics.AveragePrecision(scores, _truth), RankingMetrics.AreaUnderRoc(scores, _truth), null, null);
        if (beside is null)
        {
            return new JudgedSet(figures, scores);
        }
        var gain = PairedBootstrap.Compare(scores, beside.Scores, _truth, _cards, _draws);
        return new JudgedSet(figures with { Gain = Gain.Create(gain.AveragePrecision), AucGain = Gain.Create(gain.Auc) }, scores);
    }

    private double[] Stacked(double[][] margins)
    {
        var scores = new double[margins[0].Length];
        for (var i = 0; i < _parts.Length; i++)
        {
            var (from, to) = _parts[i];
            // A set that tells nothing of the other folds says the same of every payment of this one.
            Stacker.TryFit(margins, _others[i], _cancellation)?
                .PredictMargins(Array.ConvertAll(margins, margin => margin[from..to])).CopyTo(scores, from);
        }
        return scores;
    }
}

/// <summary>A set with what it says of each payment of the folds.</summary>
internal sealed record JudgedSet(ConsideredSet Figures, double[] Scores);
