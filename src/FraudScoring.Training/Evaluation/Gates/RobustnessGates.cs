using System.Globalization;
using FraudScoring.Core.Decisions;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Gates: scores move within limits when features are missing, noisy or have unseen values.</summary>
internal static class RobustnessGates
{
    public static IReadOnlyList<(string Name, MoveLimits Limits)> Kinds(RobustnessSettings settings) =>
    [
        (RobustnessRuns.Missing, settings.Missing), (RobustnessRuns.RandomMissing, settings.RandomMissing),
        (RobustnessRuns.Noise, settings.Noise), (RobustnessRuns.Unseen, settings.Unseen),
    ];

    public static IEnumerable<(string Name, string Text, double Limit, Func<ScoreMoves, double> Compute)> Measures(MoveLimits limits)
    {
        yield return (
            "decisions_changed", "Share of decisions that change", limits.DecisionsChangedAtMost, moves => moves.DecisionsChanged);
        yield return ("flags_lost", "Share of flagged payments that are approved", limits.FlagsLostAtMost, moves => moves.FlagsLost);
        yield return ("mean_move", "Mean change of the probability", limits.MeanMoveAtMost, moves => moves.MeanMove);
        if (limits.LargestMoveAtMost is { } largest)
        {
            yield return ("largest_move", "Largest change of the probability", largest, moves => moves.LargestMove);
        }
    }

    /// <summary>Judges each measure of each kind by its worst change.</summary>
    public static IEnumerable<GateResult> Judge(RobustnessRun[] runs, RobustnessSettings settings)
    {
        foreach (var (kind, limits) in Kinds(settings))
        {
            var ran = runs.Where(run => run.Kind == kind && run.Moves is not null).ToArray();
            foreach (var (name, text, limit, compute) in Measures(limits))
            {
                var gate = GateNames.Robustness(kind, name);
                var worst = ran.MaxBy(run => compute(run.Moves!));
                yield return worst is null
                    ? GateResult.NotApplicable(gate, limit, false, "No change of this kind could be made.")
                    : GateResult.AtMost(gate, compute(worst.Moves!), limit, string.Create(CultureInfo.InvariantCulture,
                        $"{text}, over {worst.Moves!.Payments:#,0} payments: "
                            + $"{worst.Change}{(ran.Length == 1 ? "" : $", the worst of {ran.Length} changes")}."));
            }
        }
    }
}
