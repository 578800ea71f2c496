using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Learners;

/// <summary>
/// Combines the members' margins (Wolpert: Stacked generalization, 1992): margin = Σ weight · member margin + bias, in log-odds.
/// No weight is negative (Breiman: Stacked regressions, 1996), so a member with a higher margin never lowers the ensemble's.
/// </summary>
/// <remarks>
/// A linear combination of log-odds, because a sum can be split into the contributions of features, and because a few weights cannot
/// overfit the few frauds of the folds, as a second layer of trees would. Negative weights are avoided by removing the member with the
/// lowest weight and fitting again: with at most four members that is a few fits. The exact constrained optimum would need another
/// solver, and could only differ if a removed member became useful after the removal of another one.
/// </remarks>
/// <param name="Weights">One per member, at least 0, at least one above 0; float32, as exported.</param>
/// <param name="Bias">Float32, as exported.</param>
/// <param name="Converged">False if the optimiser ran out of steps.</param>
internal sealed record Stacker(float[] Weights, float Bias, bool Converged)
{
    private const double Ridge = 1e-3;

    /// <summary>Fits the weights.</summary>
    /// <param name="members">Margins of each member, members × rows, on rows that none of them was trained on.</param>
    /// <param name="rows">The rows' labels and weights.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <exception cref="ArgumentException">A class is missing, or no member ranks frauds above legitimate payments.</exception>
    public static Stacker Fit(IReadOnlyList<double[]> members, TrainingMatrix rows, CancellationToken cancellation = default) =>
        TryFit(members, rows, cancellation) ?? throw new ArgumentException(
            "no member ranks frauds above legitimate payments on the stacking rows; check the labels, and that rows are in order of time");

    /// <summary>Like <see cref="Fit"/>, but null if no member ranks frauds above legitimate payments.</summary>
    public static Stacker? TryFit(IReadOnlyList<double[]> members, TrainingMatrix rows, CancellationToken cancellation = default)
    {
        TwoClasses.Check(rows, "stacking");
        var active = Enumerable.Range(0, members.Count).ToList();
        while (active.Count > 0)
        {
            var used = active.ToArray();
            // The small penalty only keeps weights finite where members repeat each other or separate the classes.
            var newton = new LogisticNewton(
                rows.Rows, used.Length, (row, inputs) => CopyMargins(members, used, row, inputs),
                row => rows.Labels[row], row => rows.Weights[row], Ridge);
            // Starts from the overall log-odds: with rare frauds, a bias of 0 is far from the minimum.
            var fit = newton.Fit(Logistic.Logit((double)rows.Frauds / rows.Rows), null, cancellation);
            // If the lowest weight is not above 0, its member is removed and the others are fitted again.
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
    /// <param name="members">Margins of each member: members × rows.</param>
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
