using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Training.Learners;

public sealed class StackerTests
{
    [Test]
    public void Fit_TwoHalfTruths_WeighsBoth()
    {
        var (members, rows) = Members(20_000, (a, b) => a + 0.5 * b);

        var stacker = Stacker.Fit(members, rows);

        Assert.That(stacker.Converged, Is.True);
        Assert.That(stacker.Weights, Is.EqualTo(new[] { 1, 0.5 }).Within(0.12));
        Assert.That(stacker.Bias, Is.EqualTo(-3).Within(0.15));
    }

    [Test]
    public void Fit_AMemberThatMisleads_GetsNoWeight()
    {
        var (members, rows) = Members(20_000, (a, b) => a - 0.5 * b);

        var stacker = Stacker.Fit(members, rows);

        Assert.That(stacker.Weights[0], Is.GreaterThan(0.5));
        Assert.That(stacker.Weights[1], Is.Zero);
    }

    [Test]
    public void Fit_OnlyMembersThatMislead_IsRefused()
    {
        var (members, rows) = Members(20_000, (a, b) => -a - b);

        Assert.That(() => Stacker.Fit(members, rows), Throws.ArgumentException.With.Message.Contains("no member ranks frauds"));
    }

    [Test]
    public void PredictMargins_Members_AreWeighedAndShifted()
    {
        var stacker = new Stacker([2, 0.5f], -1, true);

        Assert.That(stacker.PredictMargins([[1, 0], [4, 2]]), Is.EqualTo(new double[] { 3, 0 }));
    }

    private static (double[][] Members, TrainingMatrix Rows) Members(int count, Func<double, double, double> truth)
    {
        var random = new Random(11);
        var builder = new TrainingMatrixBuilder(["none"]);
        var (first, second) = (new double[count], new double[count]);
        for (var i = 0; i < count; i++)
        {
            (first[i], second[i]) = (4 * random.NextDouble() - 2, 4 * random.NextDouble() - 2);
            builder.Add([0], random.NextDouble() < Logistic.Sigmoid(truth(first[i], second[i]) - 3) ? 1 : 0);
        }
        return ([first, second], builder.Build());
    }
}
