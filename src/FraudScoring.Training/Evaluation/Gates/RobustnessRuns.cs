using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Statistics;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>The effect of one change on the scores of the sampled payments.</summary>
/// <param name="Kind">Kind of change: missing, random_missing, noise or unseen.</param>
/// <param name="Change">What was changed, such as the entity whose history was removed.</param>
/// <param name="Moves">How far scores moved; null if the change could not be made.</param>
internal sealed record RobustnessRun(string Kind, string Change, ScoreMoves? Moves);

/// <summary>Applies every change to the sampled payments and scores them again.</summary>
/// <remarks>
/// The changes are failures that serving meets: a store that cannot be read (one entity's history is missing), gaps in the data, rounding
/// and late aggregates (noise), and new categories. Each is applied alone, so that a failed gate names its cause. Baseline and changed
/// rows both run in batches: mixing them with the single runs of the replay would add the difference between the two to every move.
/// </remarks>
internal static class RobustnessRuns
{
    public const string Missing = "missing", RandomMissing = "random_missing", Noise = "noise", Unseen = "unseen";

    /// <summary>Number of payments that <see cref="Run"/> scores.</summary>
    public static int Work(GateHistory history, FeatureCatalogue catalogue) =>
        history.Rows.Count * (1 + catalogue.Entities.Count + 3 + history.Unseen.Count(unseen => unseen.Value.Exists));

    /// <summary>Runs every change. Also returns the probabilities of the unchanged rows, for the parity gate.</summary>
    /// <param name="history">The sampled rows.</param>
    /// <param name="catalogue">The active catalogue, which defines the columns.</param>
    /// <param name="bundle">The bundle to score with.</param>
    /// <param name="settings">The changes to make.</param>
    /// <param name="progress">Receives the number of payments scored.</param>
    /// <param name="cancellation">Checked between changes.</param>
    public static (RobustnessRun[] Runs, double[] Unchanged) Run(
        GateHistory history, FeatureCatalogue catalogue, ModelBundle bundle, GateSettings settings,
        IProgress<int> progress, CancellationToken cancellation)
    {
        using var graph = new BatchedGraph(bundle);
        var scored = 0;
        var before = Score(row => history.Rows[row]);
        RobustnessRun[] runs =
        [
            .. Changes(catalogue, settings)
                .Select(change => new RobustnessRun(change.Kind, change.Name, Compare(Score(Changed(change.Apply))))),
            .. history.Unseen.Select(unseen => new RobustnessRun(Unseen, unseen.Value.Field,
                unseen.Value.Exists ? Compare(Score(row => unseen.Rows[row])) : null)),
        ];
        return (runs, before);

        ScoreMoves Compare(double[] after) =>
            ScoreMoves.Compute(before, after, i => bundle.Thresholds.Select(history.Payments[history.Sample[i]].Traits));

        double[] Score(Func<int, float[]> rowAt)
        {
            cancellation.ThrowIfCancellationRequested();
            return graph.Run(history.Rows.Count, row =>
            {
                if (++scored % 1000 == 0)
                {
                    progress.Report(scored);
                }
                return rowAt(row);
            });
        }

        Func<int, float[]> Changed(Action<int, float[]> apply)
        {
            var copy = new float[catalogue.Features.Count];
            return row =>
            {
                history.Rows[row].CopyTo(copy, 0);
                apply(row, copy);
                return copy;
            };
        }
    }

    private static IEnumerable<(string Kind, string Name, Action<int, float[]> Apply)> Changes(
        FeatureCatalogue catalogue, GateSettings settings)
    {
        var (change, seed) = (new RowChange(catalogue), (ulong)settings.Seed);
        for (var e = 0; e < catalogue.Entities.Count; e++)
        {
            var entity = e;
            yield return (Missing, $"history of {catalogue.Entities[e].Name}", (_, row) => change.BlankEntity(entity, row));
        }
        yield return (Missing, "the payment's own fields", (_, row) => change.BlankPayment(row));
        // One random stream per row and change: the noise of a row does not depend on the rows and changes run before it.
        yield return (RandomMissing, FormattableString.Invariant($"{settings.Robustness.MissingShare * 100:0.#} % of features"),
            (i, row) => change.BlankSome(settings.Robustness.MissingShare, new RandomStream(seed, RandomPurpose.Robustness, i, 1), row));
        yield return (Noise, FormattableString.Invariant($"±{settings.Robustness.NoiseShare * 100:0.#} % on numbers"),
            (i, row) => change.AddNoise(settings.Robustness.NoiseShare, new RandomStream(seed, RandomPurpose.Robustness, i, 2), row));
    }
}
