using FraudScoring.Demo;
using FraudScoring.Simulation;
using FraudScoring.V1;
using Grpc.Core;

namespace FraudScoring.Tests.Demo;

internal sealed class ScoreboardTests
{
    private Scoreboard _board = null!;

    [SetUp]
    public void Reset() => _board = new Scoreboard();

    [Test]
    public void Read_NothingCounted_HasNoShares()
    {
        var reading = _board.TakeReading();
        Assert.That(reading.Scored, Is.Zero);
        Assert.That(reading.Precision, Is.NaN);
        Assert.That(reading.Legitimate.FlaggedShare, Is.NaN);
        Assert.That(reading.Latencies.Select(latency => latency.P99Micros), Is.All.Zero);
    }

    [Test]
    public void Read_DecisionsOnFraudsAndOthers_CountsCaughtMissedAndFalsePositives()
    {
        Count(FraudScenario.CardTesting, Decision.Review);
        Count(FraudScenario.CardTesting, Decision.Approve);
        Count(FraudScenario.LargeAmount, Decision.Decline);
        Count(FraudScenario.None, Decision.Challenge);
        for (var i = 0; i < 9; i++)
        {
            Count(FraudScenario.None, Decision.Approve);
        }
        var reading = _board.TakeReading();
        Assert.That(reading.Scored, Is.EqualTo(13));
        Assert.That(reading.AllFrauds.Flagged, Is.EqualTo(2));
        Assert.That(reading.AllFrauds.Passed, Is.EqualTo(1));
        Assert.That(reading.Scenarios[(int)FraudScenario.CardTesting], Is.EqualTo(new ScenarioCount(FraudScenario.CardTesting, 2, 1)));
        Assert.That(reading.Legitimate.FlaggedShare, Is.EqualTo(0.1));
        Assert.That(reading.Precision, Is.EqualTo(2.0 / 3));
        Assert.That(reading.Decisions.Select(decision => decision.Count), Is.EqualTo(new[] { 10, 1, 1, 1 }));
    }

    [Test]
    public void Read_TimesFromOneToHundred_GivesTheirPercentiles()
    {
        for (var i = 1; i <= 100; i++)
        {
            _board.Count(new Payment(), FraudScenario.None, Response(Decision.Approve, ("infer", i)), TimeSpan.FromMilliseconds(i));
        }
        var latencies = _board.TakeReading().Latencies;
        Assert.That(latencies[0].Stage, Is.EqualTo(Scoreboard.RoundTrip));
        Assert.That(latencies[0].P50Micros, Is.EqualTo(50_000).Within(1).Percent);
        Assert.That(latencies[0].P99Micros, Is.EqualTo(99_000).Within(1).Percent);
        Assert.That(latencies.Single(latency => latency.Stage == "infer").P99Micros, Is.EqualTo(99).Within(1).Percent);
    }

    [Test]
    public void Read_DegradedAnswersAndFailedCalls_CountsThemByKind()
    {
        var degraded = Response(Decision.Review);
        degraded.Assessment.Degradation = Degradation.RulesOnly;
        degraded.Assessment.Degradations.Add([Degradation.RulesOnly, Degradation.StaleFeatures]);
        _board.Count(new Payment(), FraudScenario.None, degraded, TimeSpan.Zero);
        _board.CountFailure(new Status(StatusCode.Unavailable, "down"));
        _board.CountFailure(new Status(StatusCode.Unavailable, "still down"));
        var reading = _board.TakeReading();
        Assert.That(reading.Degradations, Is.EqualTo(new[] { new NamedCount("StaleFeatures", 1), new NamedCount("RulesOnly", 1) }));
        Assert.That(reading.Failures, Is.EqualTo(new[] { new NamedCount("Unavailable", 2) }));
        Assert.That(reading.LastFailure, Is.EqualTo("still down"));
        Assert.That(reading.Scored, Is.EqualTo(1));
    }

    [Test]
    public void Read_ManyDeclines_KeepsTheNewestFirst()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _board.Count(new Payment { TransactionId = $"{i}" }, FraudScenario.None, Response(Decision.Decline), TimeSpan.Zero);
        }
        var declines = _board.TakeReading().LatestDeclines;
        Assert.That(declines, Has.Count.LessThan(100));
        Assert.That(declines[0].Payment.TransactionId, Is.EqualTo("999"));
        Assert.That(declines[1].Payment.TransactionId, Is.EqualTo("998"));
    }

    private void Count(FraudScenario scenario, Decision decision) =>
        _board.Count(new Payment(), scenario, Response(decision), TimeSpan.Zero);

    private static ScoreResponse Response(Decision decision, params (string Stage, double Micros)[] times) => new()
    {
        Assessment = new Assessment { Decision = decision, Degradation = Degradation.None },
        StageTimes = { times.Select(time => new StageTime { Stage = time.Stage, Micros = time.Micros }) },
    };
}
