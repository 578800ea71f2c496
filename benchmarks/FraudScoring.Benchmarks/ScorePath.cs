using System.Globalization;
using BenchmarkDotNet.Attributes;
using FraudScoring.Benchmarks.Fixtures;
using FraudScoring.V1;
using Grpc.Core;
using Grpc.Health.V1;

namespace FraudScoring.Benchmarks;

/// <summary>
/// A payment scored, as the caller sees it: one unary gRPC call over the loopback interface at a time. The health check of the same server
/// shows the cost of a gRPC call that does nothing.
/// </summary>
/// <remarks>Client, service, Redis and Kafka share this process, so the allocations of all of them are counted.</remarks>
public class ScorePath
{
    /// <summary>Calls per invocation.</summary>
    public const int Calls = BenchmarkHistory.Scored;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);
    private static long _sent;
    private readonly HealthCheckRequest _healthRequest = new();
    private Health.HealthClient _health = null!;
    private ScoringService.ScoringServiceClient _scoring = null!;
    private ScoreRequest[] _requests = [];
    private ScoreRequest[] _explained = [];

    /// <summary>Starts the service and connects to it.</summary>
    [GlobalSetup]
    public async Task SetUpAsync()
    {
        var service = await FilledService.SharedAsync();
        _health = new Health.HealthClient(service.Channel);
        _scoring = new ScoringService.ScoringServiceClient(service.Channel);
        _requests = service.Requests(ExplainMode.Unspecified);
        _explained = service.Requests(ExplainMode.Always);
    }

    /// <summary>Calls the health check.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public async Task<int> HealthCheck()
    {
        var serving = 0;
        for (var i = 0; i < Calls; i++)
        {
            serving += await HealthAsync() ? 1 : 0;
        }
        return serving;
    }

    /// <summary>Scores a payment with contributions as configured.</summary>
    [Benchmark(OperationsPerInvoke = Calls)]
    public async Task<int> Score()
    {
        var whole = 0;
        for (var i = 0; i < Calls; i++)
        {
            whole += IsWhole(await ScoreAsync(i)) ? 1 : 0;
        }
        return whole;
    }

    /// <summary>Scores a payment and computes its contributions.</summary>
    [Benchmark(OperationsPerInvoke = Calls)]
    public async Task<int> ScoreExplained()
    {
        var whole = 0;
        foreach (var request in _explained)
        {
            whole += IsWhole(await _scoring.ScoreAsync(Renew(request), Options())) ? 1 : 0;
        }
        return whole;
    }

    /// <summary>One health check.</summary>
    internal async Task<bool> HealthAsync() =>
        (await _health.CheckAsync(_healthRequest, Options())).Status == HealthCheckResponse.Types.ServingStatus.Serving;

    /// <summary>Scores one of the payments.</summary>
    internal async Task<ScoreResponse> ScoreAsync(int call) => await _scoring.ScoreAsync(Renew(_requests[call % Calls]), Options());

    /// <summary>Scores one of the payments, with the time per stage in the answer.</summary>
    internal async Task<ScoreResponse> ScoreTimedAsync(int call)
    {
        var request = _requests[call % Calls].Clone();
        request.StageTimes = true;
        return await _scoring.ScoreAsync(Renew(request), Options());
    }

    /// <summary>Whether the answer is not degraded, so that the call took the whole path.</summary>
    internal static bool IsWhole(ScoreResponse response) => response.Assessment.Degradation == Degradation.None;

    // Each payment has an id of its own, in all runs: the answer to a repeated request comes from Redis.
    private static ScoreRequest Renew(ScoreRequest request)
    {
        request.Payment.TransactionId = Interlocked.Increment(ref _sent).ToString(CultureInfo.InvariantCulture);
        return request;
    }

    // Production callers set a deadline and the service parses it. This one never passes.
    private static CallOptions Options() => new(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + Deadline);
}
