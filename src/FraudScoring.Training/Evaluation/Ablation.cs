using FraudScoring.Core.Statistics;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;

namespace FraudScoring.Training.Evaluation;

/// <summary>How well something ranks payments.</summary>
internal readonly record struct Ranking(double AreaUnderRoc, double AveragePrecision)
{
    public static Ranking Create(double[] margins, bool[] truth) =>
        new(RankingMetrics.AreaUnderRoc(margins, truth), RankingMetrics.AveragePrecision(margins, truth));
}

/// <summary>What a member is worth: how the ensemble ranks without it, and how it ranks alone.</summary>
/// <param name="Member">Its name.</param>
/// <param name="Weight">Its weight in the stacker.</param>
/// <param name="Alone">The member's own margin.</param>
/// <param name="Without">The others, stacked anew on the same predictions; null where there are none.</param>
internal sealed record Ablation(string Member, double Weight, Ranking Alone, Ranking? Without)
{
    /// <summary>Measures each member on rows that nothing learned from; none where the stacker was not fitted on folds.</summary>
    public static IReadOnlyList<Ablation> Measure(TrainedEnsemble ensemble, TrainingMatrix test, CancellationToken cancellation = default)
    {
        if (ensemble.Folds is not { } folds)
        {
            return [];
        }
        var truth = Array.ConvertAll(test.Labels.ToArray(), label => label > 0);
        var margins = ensemble.PredictMemberMargins(test);
        var names = ensemble.Members.Present;
        return [.. names.Select((name, member) => new Ablation(
            name, ensemble.Stacker.Weights[member], Ranking.Create(margins[member], truth), names.Count == 1 ? null : Without(member)))];

        Ranking Without(int member)
        {
            var rest = Stacker.Fit(folds.MarginsOf(names.Where((_, i) => i != member)), folds.Rows, cancellation);
            return Ranking.Create(rest.PredictMargins([.. margins.Where((_, i) => i != member)]), truth);
        }
    }
}
