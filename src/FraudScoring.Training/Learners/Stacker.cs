using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>
/// Joins the members' margins (Wolpert: Stacked generalization, 1992): margin = Σ weight · member margin + bias, in log-odds.
/// No weight is negative (Breiman: Stacked regressions, 1996), so a member that raises its margin never lowers the ensemble's.
/// </summary>
/// <param name="Weights">One per member, not negative, at least one above 0; float32 as exported.</param>
/// <param name="Bias">Float32 as exported.</param>
/// <param name="Converged">False when the optimiser ran out of steps.</param>
internal sealed record Stacker(float[] Weights, float Bias, bool Converged)
{
    private const double Ridge = 1e-3;

    /// <summary>Fits the weights.</summary>
    /// <param name="members">Per member its margin on each row; rows none of the members has learned from.</param>
    /// <param name="rows">The rows' labels and weights.</param>
    /// <param name="cancellation">Looked at between steps.</param>
    /// <exception cref="ArgumentException">A class is missing, or no member ranks fraud above the rest.</exception>
    public static Stacker Fit(IReadOnlyList<double[]> members, TrainingMatrix rows, CancellationToken cancellation = default) =>
        TryFit(members, rows, cancellation) ?? throw new ArgumentException(
            "no member ranks fraud above the rest on the stacking rows: check the labels and that rows are in order of time");

    /// <summary>The same; null when no member ranks fraud above the rest.</summary>
    public static Stacker? TryFit(IReadOnlyList<double[]> members, TrainingMatrix rows, CancellationToken cancellation = default)
    {
        TwoClasses.Check(rows, "stacking");
        var active = Enumerable.Range(0, members.Count).ToList();
        while (active.Count > 0)
        {
            var used = active.ToArray();
            var newton = new LogisticNewton(
                rows.Rows, used.Length, (row, inputs) => CopyMargins(members, used, row, inputs),
                row => rows.Labels[row], row => rows.Weights[row], Ridge);
            var fit = newton.Fit(Logistic.Logit((double)rows.Frauds / rows.Rows), null, cancellation);
            // The member that hurts most leaves, then the rest are fitted again.
            var worst = Array.IndexOf(fit.Weights, fit.Weights[..^1].Min());
            if (fit.Weights[worst] > 0)
            {
                var weights = new float[members.Count];
                for (var i = 0; i < used.Length; i++)
                {
                    weights[used[i]] = (float)fit.Weights[i];
                }
                return new Stacker(weights, (float)fit.Weights[^1], fit.Converged);
            }
            active.RemoveAt(worst);
        }
        return null;
    }

    /// <summary>The stacker's margin of each row.</summary>
    /// <param name="members">Per member its margin on each row.</param>
    public double[] PredictMargins(IReadOnlyList<double[]> members)
    {
        var margins = new double[members[0].Length];
        for (var row = 0; row < margins.Length; row++)
        {
            var margin = (double)Bias;
            for (var member = 0; member < Weights.Length; member++)
            {
                margin += members[member][row] * Weights[member];
            }
            margins[row] = margin;
        }
        return margins;
    }

    private static void CopyMargins(IReadOnlyList<double[]> members, int[] used, int row, Span<double> inputs)
    {
        for (var i = 0; i < used.Length; i++)
        {
            inputs[i] = members[used[i]][row];
        }
    }
}
