using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Training.Learners;

public sealed class LogisticRegressionTests
{
    [Test]
    public void Fit_RowsOfALogisticModel_FindsItsWeights()
    {
        var random = new Random(3);
        var builder = new TrainingMatrixBuilder(["a", "b", "c"]);
        for (var i = 0; i < 200_000; i++)
        {
            float[] row = [Uniform(random), 10 * Uniform(random) + 3, Uniform(random)];
            builder.Add(row, random.NextDouble() < Logistic.Sigmoid(-2 + 1.5 * row[0] - 0.2 * row[1]) ? 1 : 0);
        }

        var fitted = LogisticRegression.Fit(builder.Build(), new LogisticRegressionParameters());

        Assert.That(fitted.Converged, Is.True);
        Assert.That(fitted.Mean, Is.EqualTo(new[] { 0f, 3, 0 }).Within(0.05));
        Assert.That(fitted.Weights.Zip(fitted.Scale, (w, s) => w / s), Is.EqualTo(new[] { 1.5, -0.2, 0 }).Within(0.05));
    }

    [Test]
    public void Fit_AtTheMinimum_NoNeighbourHasLessLoss()
    {
        var rows = SyntheticRows.Make(4_000, seed: 1);
        var fitted = LogisticRegression.Fit(rows, new LogisticRegressionParameters { L2 = 2 });
        var least = Loss(fitted, rows, 2);

        for (var i = 0; i < fitted.Weights.Length; i++)
        {
            foreach (var shift in new[] { -0.01f, 0.01f })
            {
                var weights = (float[])fitted.Weights.Clone();
                weights[i] += shift;
                Assert.That(Loss(fitted with { Weights = weights }, rows, 2), Is.GreaterThan(least));
                Assert.That(Loss(fitted with { Bias = fitted.Bias + shift }, rows, 2), Is.GreaterThan(least));
            }
        }
    }

    [Test]
    public void Fit_ConstantCopiedAndEmptyColumns_Converges()
    {
        var random = new Random(3);
        var builder = new TrainingMatrixBuilder(["a", "copy", "constant", "empty", "infinite"]);
        for (var i = 0; i < 3_000; i++)
        {
            var a = Uniform(random);
            builder.Add([a, a, 7, float.NaN, float.PositiveInfinity], a > 0.5 ? 1 : 0);
        }
        var rows = builder.Build();

        var fitted = LogisticRegression.Fit(rows, new LogisticRegressionParameters());

        Assert.That(fitted.Converged, Is.True);
        Assert.That(fitted.Weights[0], Is.EqualTo(fitted.Weights[1]).Within(1e-3));
        Assert.That(fitted.Weights[2], Is.Zero);
        Assert.That(fitted.Scale, Has.All.GreaterThan(0));
        Assert.That(fitted.PredictMargins(rows), Has.All.Matches<double>(double.IsFinite));
    }

    [Test]
    public void PredictMargins_MissingAndHugeValues_AreZeroAndClipped()
    {
        var fitted = new LogisticRegression([10, 0], [2, 1], 6, [1, 0.5f], -3, true, 1);
        var builder = new TrainingMatrixBuilder(["a", "b"]);
        builder.Add([float.NaN, float.NaN], 0);
        builder.Add([float.PositiveInfinity, float.MinValue], 0);
        builder.Add([14, 1], 0);

        Assert.That(fitted.PredictMargins(builder.Build()), Is.EqualTo(new[] { -3, -3 + 6 - 3, -3 + 2 + 0.5 }));
    }

    [Test]
    public void Fit_WeightedRows_CountAsRepeatedOnes()
    {
        var rows = SyntheticRows.Make(3_000, seed: 1, missing: false);
        var (weighted, repeated) = (new TrainingMatrixBuilder(rows.FeatureNames), new TrainingMatrixBuilder(rows.FeatureNames));
        for (var i = 0; i < rows.Rows; i++)
        {
            // Standardisation ignores weights. It stays the same because every row is repeated equally often.
            weighted.Add(rows.Row(i), rows.Labels[i], 2);
            repeated.Add(rows.Row(i), rows.Labels[i]);
            repeated.Add(rows.Row(i), rows.Labels[i]);
        }

        var first = LogisticRegression.Fit(weighted.Build(), new LogisticRegressionParameters());
        var second = LogisticRegression.Fit(repeated.Build(), new LogisticRegressionParameters());

        Assert.That(first.Weights, Is.EqualTo(second.Weights).Within(1e-4));
    }

    [Test]
    public void Fit_ParametersOutOfRange_NamesThemAll()
    {
        Assert.That(
            () => LogisticRegression.Fit(SyntheticRows.Make(100, seed: 1), new LogisticRegressionParameters { L2 = 0, Clip = float.NaN }),
            Throws.ArgumentException.With.Message.Contains("linear.L2").And.Message.Contains("linear.Clip"));
    }

    [Test]
    public void Fit_Cancelled_Stops()
    {
        Assert.That(
            () => LogisticRegression.Fit(SyntheticRows.Make(1_000, seed: 1), new(), null, new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
    }

    private static float Uniform(Random random) => (float)(2 * random.NextDouble() - 1);

    private static double Loss(LogisticRegression model, TrainingMatrix rows, double ridge)
    {
        var labels = rows.Labels.ToArray();
        var loss = model.PredictMargins(rows).Zip(labels, (m, y) => Logistic.Loss(m, y)).Sum();
        return loss + ridge / 2 * model.Weights.Sum(w => (double)w * w);
    }
}
