using FraudScoring.Core.Statistics;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;

namespace FraudScoring.Training.Evaluation;

/// <summary>Ranking quality of one set of margins.</summary>
internal readonly record struct Ranking(double AreaUnderRoc, double AveragePrecision)
{
    public static Ranking Create(double[] margins, bool[] truth) =>
        new(RankingMetrics.AreaUnderRoc(margins, truth), RankingMetrics.AveragePrecision(margins, truth));
}

/// <summary>The contribution of one member: ranking quality of the ensemble without it, and of the member alone.</summary>
/// <param name="Member">The member's name.</param>
/// <param name="Weight">The member's weight in the stacker.</param>
/// <param name="Alone">Ranking by the member's margin.</param>
/// <param name="Without">Ranking by the other members under a refitted stacker; null if there are no others.</param>
internal sealed record Ablation(string Member, double Weight, Ranking Alone, Ranking? Without)
{
    /// <summary>Measures each member on held-out rows. Returns an empty list if the stacker was not fitted on folds.</summary>
    /// <remarks>
    /// Only the stacker is refitted, on the out-of-fold margins that training kept: members do not depend on each other, so retraining them
    /// would give the same margins at many times the cost.
    /// </remarks>
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
