using FraudScoring.LoadTest.Scores;

namespace FraudScoring.Tests.Benchmarks.Scores;

public sealed class ServiceViewTests
{
    private const string Before = """
        fraud_request_seconds_bucket{method="Score",le="0.01"} 100
        fraud_request_seconds_bucket{method="Score",le="0.05"} 100
        fraud_request_seconds_bucket{method="Score",le="+Inf"} 100
        fraud_shed_total{reason="queue"} 5
        """;

    private const string After = """
        fraud_request_seconds_bucket{method="Score",le="0.01"} 190
        fraud_request_seconds_bucket{method="Score",le="0.05"} 200
        fraud_request_seconds_bucket{method="Score",le="+Inf"} 200
        fraud_request_seconds_bucket{method="ScoreStream",le="0.01"} 0
        fraud_request_seconds_bucket{method="ScoreStream",le="0.05"} 0
        fraud_request_seconds_bucket{method="ScoreStream",le="+Inf"} 0
        fraud_shed_total{reason="queue"} 12
        fraud_shed_total{reason="deadline"} 3
        """;

    [Test]
    public void Between_TwoReadings_IsTheirDifference()
    {
        var view = ServiceView.Between(Before, After);
        Assert.That(view.RequestP99Ms, Is.EqualTo(10 + (40 * 0.9)).Within(1e-9));
        Assert.That(view.Shed, Is.EquivalentTo(new Dictionary<string, double> { ["queue"] = 7, ["deadline"] = 3 }));
    }

    [Test]
    public void Between_MetricsOfAServiceWithoutThem_IsUnknown()
    {
        var view = ServiceView.Between("", "fraud_score_seconds_bucket{le=\"1\"} 5\n");
        Assert.That(view.RequestP99Ms, Is.NaN);
        Assert.That(view.Shed, Is.Empty);
    }

    [Test]
    public void Quantile_BeyondTheLastBound_IsThatBound() =>
        Assert.That(ServiceView.Quantile([(0.1, 90), (double.PositiveInfinity, 100)], 0.99), Is.EqualTo(0.1));
}
