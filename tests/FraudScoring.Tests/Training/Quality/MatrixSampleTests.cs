using FraudScoring.Training.Datasets;
using FraudScoring.Training.Quality;

namespace FraudScoring.Tests.Training.Quality;

public sealed class MatrixSampleTests
{
    [Test]
    public void Of_LargeParts_SamplesEachEvenlyInOrderOfTime()
    {
        var (fit, later, test) = (Part(120_000, 0), Part(10, 1_000_000), Part(50_001, 2_000_000));
        var sample = new MatrixSample(new ReplayedHistory(fit, later, test, [], []));
        var column = sample.Columns().First();
        Assert.That((sample.FitRows, sample.TestRows, sample.Frauds.Length), Is.EqualTo((40_000, 25_001, 65_011)));
        Assert.That(column.Values, Has.Length.EqualTo(65_011).And.Ordered);
        Assert.That(column.Values[1], Is.EqualTo(3));
        Assert.That(sample.Frauds.Count(fraud => fraud), Is.GreaterThan(3000));
        Assert.That(sample.Columns().Select(c => c.Kind), Is.EqualTo(new[] { ColumnKind.Number, ColumnKind.Category }));
    }

    [Test]
    public void Of_LeakingFeature_IsWarnedOfAmongTheFields()
    {
        var history = new ReplayedHistory(Part(5000, 0), Part(5000, 5000), Part(5000, 10_000), [], []);
        var report = QualityReport.Create(new LogQuality(), history);
        Assert.That(report.Warnings, Has.Some.StartsWith("kind may leak the label").And.Some.StartsWith("time drifts"));
    }

    private static TrainingMatrix Part(int rows, float from)
    {
        var builder = new TrainingMatrixBuilder(["time", "kind"], [1]);
        for (var i = 0; i < rows; i++)
        {
            builder.Add([from + i, i % 17 == 0 ? 2 : 1], i % 17 == 0 ? 1 : 0);
        }
        return builder.Build();
    }
}
