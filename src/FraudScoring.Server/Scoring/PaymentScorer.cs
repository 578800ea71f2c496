using System.Diagnostics;
using System.Runtime.CompilerServices;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Features;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Inference.Rollout;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Streams;

namespace FraudScoring.Server.Scoring;

/// <summary>The spine: takes a checked payment along its path, and owns the deadline.</summary>
/// <remarks>
/// The path, as <see cref="ScoringStage"/> names it:
/// 1 Validate made the payment, in the API.
/// 2 Score is all that follows.
/// 3 ReadFeatures reads the profiles of its entities from Redis, no longer than the time left allows.
/// 4 FillFeatures writes one row of floats.
/// 5 Route leases the model in force, unless the caller asked for another.
/// 6 Infer runs the ensemble, when there is time left.
/// 7 Decide applies lists, rules and thresholds, and finds the reasons.
/// 8 Publish hands the decision over for Kafka; nobody waits for it.
/// Whatever fails on the way, there is an answer, and it names what was missing.
/// </remarks>
internal sealed class PaymentScorer(
    FeatureCatalogue catalogue, RedisFeatureStore store, StreamHealth health, ModelRouter router, DecisionPolicy policy,
    DecisionProducer decisions, ScoringOptions options, RedisOptions redis, TimeProvider time)
{
    private static readonly string[] BatchOutcomes = NamesOf<BatchOutcome>(), RunOutcomes = NamesOf<RunOutcome>();

    private readonly AssessmentWriter _writer = new(catalogue, policy, time);
    private readonly TimeSpan _readLimit = TimeSpan.FromMilliseconds(redis.ReadTimeoutMs);
    private readonly TimeSpan _reserve = TimeSpan.FromMilliseconds(options.ReserveMs);
    private readonly TimeSpan _staleAfter = TimeSpan.FromSeconds(options.StaleAfterSeconds);

    /// <summary>Scores the context's payment.</summary>
    /// <param name="context">Holds the checked payment; its clock has run since the request came.</param>
    /// <param name="message">The payment as it came, for the decision's record.</param>
    /// <param name="explain">When to compute contributions.</param>
    /// <param name="limit">Time left for the whole path.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<V1.ScoreResponse> ScoreAsync(ScoringContext context, V1.Payment message, ExplainWhen explain, TimeSpan limit)
    {
        var clock = context.Clock;
        var start = Stopwatch.GetTimestamp();
        var left = limit - _reserve;

        // 3 ReadFeatures
        var complete = left > TimeSpan.Zero && await store.ReadAsync(context, left < _readLimit ? left : _readLimit);
        if (left <= TimeSpan.Zero)
        {
            context.Profiles.AsSpan().Clear();
        }
        clock.Mark(ScoringStage.ReadFeatures);

        // 4 FillFeatures
        FeatureBuilder.Fill(catalogue, context.Payment, context.Amount, context.Profiles, context.Row);
        clock.Mark(ScoringStage.FillFeatures);

        // 5 Route
        var routed = context.Asked is null ? router.Route() : null;
        var model = context.Asked ?? routed;
        clock.Mark(ScoringStage.Route);

        try
        {
            // 6 Infer
            var deadline = start + (long)(limit.TotalSeconds * Stopwatch.Frequency);
            var score = model is null ? WithoutScore("no_model")
                : Stopwatch.GetTimestamp() >= deadline ? WithoutScore("no_time")
                : await InferAsync(model.Ensemble, context, deadline);
            clock.Mark(ScoringStage.Infer);

            // 7 Decide
            var degradation = score is null ? Degradation.RulesOnly
                : !complete ? Degradation.MissingFeatures
                : health.Lag > _staleAfter ? Degradation.StaleFeatures
                : Degradation.None;
            var ensemble = score is null ? null : model!.Ensemble;
            var verdict = policy.Decide(context.Payment, context.Amount, context.Row, score?.Probability, ensemble?.Bundle.Thresholds);
            var assessment = _writer.Write(context, verdict, score, ensemble, explain, degradation);
            clock.Mark(ScoringStage.Decide);

            // 8 Publish
            var record = _writer.Event(context, message, assessment, ensemble);
            if (!context.IsRehearsal)
            {
                decisions.Publish(record);
            }
            clock.Mark(ScoringStage.Publish);
            return Finish(context, assessment, verdict, degradation);
        }
        finally
        {
            routed?.Return();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<EnsembleScore?> InferAsync(Ensemble ensemble, ScoringContext context, long deadline)
    {
        var ran = await GuardedRun.RunAsync<EnsembleRun, BatchAnswer>(
            ensemble.Quarantine, new EnsembleRun(ensemble, context.Row, context.MemberMargins, deadline));
        switch (ran.Verdict.Outcome)
        {
            case RunOutcome.Valid:
                if (!context.IsRehearsal)
                {
                    ModelMetrics.For(ensemble.Id, ran.Answer.Device).Answered(ran.Answer.Times);
                }
                return ran.Answer.Score;
            case RunOutcome.NotBlamed:
                return WithoutScore(BatchOutcomes[(int)ran.Answer.Outcome]);
            default:
                return WithoutScore(RunOutcomes[(int)ran.Verdict.Outcome]);
        }
    }

    private static string[] NamesOf<T>()
        where T : struct, Enum => [.. Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    private static EnsembleScore? WithoutScore(string reason)
    {
        ServerMetrics.InferenceFallbacks.WithLabels(reason).Inc();
        return null;
    }

    private V1.ScoreResponse Finish(ScoringContext context, V1.Assessment assessment, Verdict verdict, Degradation degradation)
    {
        var clock = context.Clock;
        clock.Stop();
        if (!context.IsRehearsal)
        {
            clock.Observe();
            clock.Trace(time.GetUtcNow().UtcDateTime);
            ServerMetrics.Decisions[(int)verdict.Decision].Inc();
            ServerMetrics.Degradations[(int)degradation].Inc();
        }
        var response = new V1.ScoreResponse { Assessment = assessment };
        foreach (var stage in ScoringStages.All)
        {
            response.StageTimes.Add(new V1.StageTime { Stage = ScoringStages.Names[(int)stage], Micros = clock.MicrosOf(stage) });
        }
        return response;
    }
}
