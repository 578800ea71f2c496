using FraudScoring.Server.Scoring;
using FraudScoring.Simulation;
using FraudScoring.V1;
using Grpc.Core;
using HdrHistogram;

namespace FraudScoring.Demo;

/// <summary>Counts the results of the payments. Thread-safe.</summary>
internal sealed class Scoreboard
{
    /// <summary>The decisions, from the mildest.</summary>
    public static readonly Decision[] AllDecisions = [Decision.Approve, Decision.Review, Decision.Challenge, Decision.Decline];

    /// <summary>The time a caller sees: all stages, and the network both ways.</summary>
    public const string RoundTrip = "round_trip";

    private const int KeptDeclines = 50;
    private const long LongestMicros = 60_000_000;
    private static readonly FraudScenario[] Scenarios = Enum.GetValues<FraudScenario>();

    private readonly Lock _gate = new();
    private readonly long[] _decisions = new long[AllDecisions.Length];
    private readonly long[] _payments = new long[Scenarios.Length];
    private readonly long[] _flagged = new long[Scenarios.Length];
    private readonly Dictionary<string, LongHistogram> _latencies =
        ScoringStages.Names.Prepend(RoundTrip).ToDictionary(name => name, _ => NewHistogram());
    private readonly Dictionary<Degradation, long> _degradations = [];
    private readonly Dictionary<StatusCode, long> _failures = [];
    private readonly Queue<DeclinedPayment> _declines = [];
    private string? _lastFailure;

    public void Count(Payment payment, FraudScenario scenario, ScoreResponse response, TimeSpan roundTrip)
    {
        var assessment = response.Assessment;
        lock (_gate)
        {
            _decisions[Array.IndexOf(AllDecisions, assessment.Decision)]++;
            _payments[(int)scenario]++;
            _flagged[(int)scenario] += assessment.Decision >= Decision.Review ? 1 : 0;
            foreach (var degradation in assessment.Degradations)
            {
                _degradations[degradation] = _degradations.GetValueOrDefault(degradation) + 1;
            }
            Record(RoundTrip, roundTrip.TotalMicroseconds);
            foreach (var stage in response.StageTimes)
            {
                Record(stage.Stage, stage.Micros);
            }
            if (assessment.Decision == Decision.Decline)
            {
                Keep(new DeclinedPayment(payment, scenario, assessment));
            }
        }
    }

    public void CountFailure(Status status)
    {
        lock (_gate)
        {
            _failures[status.StatusCode] = _failures.GetValueOrDefault(status.StatusCode) + 1;
            _lastFailure = status.Detail;
        }
    }

    public ScoreboardReading TakeReading()
    {
        lock (_gate)
        {
            return new ScoreboardReading
            {
                Decisions = [.. AllDecisions.Zip(_decisions, (decision, count) => new NamedCount(decision.ToString(), count))],
                Scenarios = [.. Scenarios.Select((scenario, i) => new ScenarioCount(scenario, _payments[i], _flagged[i]))],
                Latencies = [.. _latencies.Select(pair => Latency(pair.Key, pair.Value))],
                Degradations = Named(_degradations),
                Failures = Named(_failures),
                LastFailure = _lastFailure,
                LatestDeclines = [.. _declines.Reverse()],
            };
        }
    }

    private void Keep(DeclinedPayment declined)
    {
        _declines.Enqueue(declined);
        if (_declines.Count > KeptDeclines)
        {
            _declines.Dequeue();
        }
    }

    // Tenths of a microsecond: some stages take less than one.
    private void Record(string name, double micros) =>
        _latencies[name].RecordValue((long)(10 * Math.Clamp(micros, 0, LongestMicros)));

    private static NamedCount[] Named<T>(Dictionary<T, long> counts) where T : struct, Enum =>
        [.. counts.OrderBy(pair => pair.Key).Select(pair => new NamedCount(pair.Key.ToString(), pair.Value))];

    private static StageLatency Latency(string name, LongHistogram histogram) => histogram.TotalCount == 0
        ? new StageLatency(name, 0, 0)
        : new StageLatency(name, histogram.GetValueAtPercentile(50) / 10.0, histogram.GetValueAtPercentile(99) / 10.0);

    private static LongHistogram NewHistogram() => new(10 * LongestMicros, 2);
}
