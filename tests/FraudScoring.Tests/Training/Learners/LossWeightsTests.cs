using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Training.Learners;

public sealed class LossWeightsTests
{
    [Test]
    public void Apply_Nothing_GivesTheRowsThemselves()
    {
        var rows = SyntheticRows.Make(100, seed: 1);

        Assert.That(new LossWeights().Apply(rows), Is.SameAs(rows));
        Assert.That(new LossWeights().Shift, Is.Zero);
    }

    [Test]
    public void Apply_FraudsAndAmounts_MultiplyWithinTheirBounds()
    {
        var builder = new TrainingMatrixBuilder(["other", "amount"]);
        foreach (var (amount, label) in new[] { (1f, 0), (4f, 1), (float.NaN, 1), (0f, 0), (9_991f, 0) })
        {
            builder.Add([0, amount], label, 2);
        }

        var weights = new LossWeights { Fraud = 3, AmountPower = 0.5 }.Apply(builder.Build()).Weights.ToArray();

        // The mean amount is 2,499.
        Assert.That(weights, Is.EqualTo(new[] { 0.2, 2 * 3 * 0.1, 2 * 3, 0.2, 2 * Math.Sqrt(9_991 / 2_499.0) }).Within(1e-5));
    }

    [Test]
    public void Apply_AmountsWithoutThatFeature_SaysWhatIsMissing()
    {
        var builder = new TrainingMatrixBuilder(["other"]);
        builder.Add([1], 1);

        Assert.That(() => new LossWeights { AmountPower = 1 }.Apply(builder.Build()),
            Throws.ArgumentException.With.Message.Contains("'amount'"));
    }
}
