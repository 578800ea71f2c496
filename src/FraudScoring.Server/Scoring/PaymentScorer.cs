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

namespace FraudScoring.Server.Scoring;

/// <summary>Scores a checked payment within its deadline.</summary>
/// <remarks>
/// The path, as <see cref="ScoringStage"/> names it:
/// 1 Validate comes first, in the API: it checks the request and builds the payment.
/// 2 ReadFeatures reads the profiles of its entities from Redis, within the time left. If the answer to an earlier request of the same
/// transaction id is read along, the path ends here with that answer. It also ends here if the decision could not be recorded and has to
/// be.
/// 3 FillFeatures writes one row of floats.
/// 4 Route leases the model the caller names, or the champion. A leased model is not unloaded while it is used.
/// 5 Infer runs the ensemble, if there is time left.
/// 6 Decide applies lists, rules and thresholds.
/// 7 Explain selects the reasons. It follows the decision, because by default only payments decided review or worse are explained.
/// 8 Publish writes the reply and queues the decision for Kafka. The reply does not wait for Kafka, and for the disk only with Spool:Mode
///   Acknowledge.
/// If Redis or a model fails, there is still an answer, and its degradation says what was missing. There is none, and no decision, if time
/// runs out or the caller no longer waits: the path ends after the await that took too long. Load alone never leads to an answer without
/// the model, because callers could then force decisions without a score.
/// </remarks>
internal sealed class PaymentScorer(
    FeatureCatalogue catalogue, RedisFeatureStore store, StreamHealth health, StoredHistory history, ModelRouter router,
    DecisionPolicy policy, DecisionProducer decisions, StoredAnswers answers, ScoringOptions options, RedisOptions redis, TimeProvider time)
{
    private static readonly string[] BatchOutcomes = NamesOf<BatchOutcome>(), RunOutcomes = NamesOf<RunOutcome>();

    private readonly ReasonSelector _reasons = new(catalogue, policy);
    private readonly AssessmentWriter _writer = new(catalogue, policy, time);
    private readonly TimeSpan _readLimit = TimeSpan.FromMilliseconds(redis.ReadTimeoutMs);
    private readonly TimeSpan _reserve = TimeSpan.FromMilliseconds(options.ReserveMs);
    private readonly TimeSpan _staleAfter = TimeSpan.FromSeconds(options.StaleAfterSeconds);

    /// <summary>Scores the context's payment.</summary>
    /// <param name="context">Holds the checked payment and its request; its clock runs.</param>
    /// <param name="message">The payment as received, for the decision's record.</param>
    /// <param name="explain">When to compute contributions.</param>
    /// <returns>
    /// Null without an answer: the context names the fields that differ from those of an earlier request of the same transaction id, or has
    /// another reason.
    /// </returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<V1.ScoreResponse?> ScoreAsync(ScoringContext context, V1.Payment message, ExplainWhen explain)
    {
        var clock = context.Clock;

        // 2 ReadFeatures
        var isRefused = !context.IsWarmUp && decisions is { RequiresRecord: true, IsFull: true };
        var complete = await ReadFeaturesAsync(context, isRefused);
        clock.Mark(ScoringStage.ReadFeatures);
        if (context.Reads.Answer is { } stored && TryRepeat(context, stored, out var repeated))
        {
            return repeated;
        }
        if (isRefused)
        {
            context.Unanswered = Unanswered.NotRecorded;
        }
        if (HasEnded(context))
        {
            return null;
        }

        // 3 FillFeatures
        FeatureBuilder.Fill(catalogue, context.Payment, context.Amount, context.Reads.Profiles, context.Row);
        clock.Mark(ScoringStage.FillFeatures);

        // 4 Route
        var model = Lease(context);
        clock.Mark(ScoringStage.Route);

        try
        {
            // 5 Infer
            var score = model is null ? WithoutScore("no_model") : await InferAsync(model.Ensemble, context);
            clock.Mark(ScoringStage.Infer);
            if (HasEnded(context))
            {
                return null;
            }

            // 6 Decide
            var lag = health.Lag;
            var degradations = default(DegradationSet).With(Degradation.StaleFeatures, lag > _staleAfter || history.IsMissing)
                .With(Degradation.MissingFeatures, !complete).With(Degradation.RulesOnly, score is null);
            var ensemble = score is null ? null : model!.Ensemble;
            var outcome = policy.Decide(context.Payment, context.Amount, context.Row, score?.Probability, ensemble?.Bundle.Thresholds);
            clock.Mark(ScoringStage.Decide);

            // 7 Explain
            var reasons = Explain(context, outcome, ensemble, explain);
            clock.Mark(ScoringStage.Explain);

            // 8 Publish
            if (HasEnded(context))
            {
                return null;
            }
            var assessment = _writer.Write(context, outcome, score, ensemble, reasons, degradations);
            var record = context.IsWarmUp ? null : _writer.Event(context, message, assessment, outcome, ensemble, lag);
            (assessment, degradations) = await PublishAsync(context, assessment, record, degradations);
            clock.Mark(ScoringStage.Publish);
            return Finish(context, assessment, outcome, degradations);
        }
        finally
        {
            model?.Return();
        }
    }

    private static TimeSpan TimeLeft(ScoringContext context) =>
        Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), context.Call.Deadline);

    /// <summary>Whether the path ends without an answer. Notes the reason in the context.</summary>
    private static bool HasEnded(ScoringContext context)
    {
        if (context.Unanswered == Unanswered.None)
        {
            context.Unanswered = context.Call.IsCancelled ? Unanswered.Cancelled
                : TimeLeft(context) <= TimeSpan.Zero ? Unanswered.Expired
                : Unanswered.None;
        }
        return context.Unanswered != Unanswered.None;
    }

    private ValueTask<bool> ReadFeaturesAsync(ScoringContext context, bool isRefused)
    {
        var left = TimeLeft(context) - _reserve;
        if (left > TimeSpan.Zero)
        {
            return store.ReadAsync(
                context.Reads, context.Payment, isCounted: !context.IsWarmUp && !isRefused, context.AnswerKey,
                left < _readLimit ? left : _readLimit);
        }
        store.Skip(context.Reads, context.Payment);
        return ValueTask.FromResult(false);
    }

    /// <summary>Repeats the stored answer to an earlier request, unless that had other fields.</summary>
    /// <returns>False if the stored answer is corrupt, so that the payment must be scored.</returns>
    private static bool TryRepeat(ScoringContext context, byte[] stored, out V1.ScoreResponse? response)
    {
        (var assessment, context.Differing) = StoredAnswers.Read(stored, context.Contents, context.Payment.TransactionId);
        response = assessment is null ? null : Repeat(context, assessment, "replayed");
        if (context.Differing.Count > 0)
        {
            ServerMetrics.RepeatedRequests.WithLabels("conflicting").Inc();
        }
        return response is not null || context.Differing.Count > 0;
    }

    /// <summary>Builds the response that repeats an answer.</summary>
    /// <param name="context">The repeated request.</param>
    /// <param name="assessment">The answer.</param>
    /// <param name="outcome">The outcome to count.</param>
    public static V1.ScoreResponse Repeat(ScoringContext context, V1.Assessment assessment, string outcome)
    {
        ServerMetrics.RepeatedRequests.WithLabels(outcome).Inc();
        var response = new V1.ScoreResponse { Assessment = assessment, Replayed = true };
        AddStageTimes(response, context);
        return response;
    }

    /// <summary>Leases the model the caller names, or the champion. Null if none is loaded that scores payments.</summary>
    private ModelSnapshot? Lease(ScoringContext context)
    {
        var model = router.Route(context.Model.Name, context.Model.Version);
        if (model is { IsBundle: false })
        {
            // The API refuses models that are not bundles; this one has just replaced a bundle of the same name.
            model.Return();
            return null;
        }
        return model;
    }

    /// <summary>Computes contributions if requested, and writes the reasons to the context.</summary>
    /// <returns>The number of reasons.</returns>
    private int Explain(ScoringContext context, PolicyOutcome outcome, Ensemble? ensemble, ExplainWhen explain)
    {
        var isExplained = ensemble is not null
            && (explain == ExplainWhen.Always || (explain == ExplainWhen.OnReview && outcome.Decision >= Decision.Review));
        context.AreContributionsSkipped = isExplained && context.Call.IsUnderPressure;
        if (context.AreContributionsSkipped)
        {
            ServerMetrics.ExplanationsSkipped.Inc();
            isExplained = false;
        }
        if (isExplained)
        {
            ensemble!.Explain(context.Row, context.Contributions);
        }
        return _reasons.Select(outcome, isExplained ? context.Contributions : [], context.Reasons);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<EnsembleScore?> InferAsync(Ensemble ensemble, ScoringContext context)
    {
        var ran = await GuardedRun.RunAsync<EnsembleRun, BatchAnswer>(
            ensemble.Quarantine, new EnsembleRun(ensemble, context.Row, context.MemberMargins, context.Call.Deadline));
        switch (ran.Result.Outcome)
        {
            case RunOutcome.Valid:
                if (!context.IsWarmUp)
                {
                    ModelMetrics.GetOrCreate(ensemble.Id, ran.Answer.Device).Answered(ran.Answer.Times);
                }
                return ran.Answer.Score;
            case RunOutcome.NotBlamed when ran.Answer.Outcome is BatchOutcome.QueueFull or BatchOutcome.DeadlineMissed:
                context.Unanswered = ran.Answer.Outcome == BatchOutcome.QueueFull ? Unanswered.ModelQueueFull : Unanswered.Expired;
                return null;
            case RunOutcome.NotBlamed:
                return WithoutScore(BatchOutcomes[(int)ran.Answer.Outcome]);
            default:
                return WithoutScore(RunOutcomes[(int)ran.Result.Outcome]);
        }
    }

    private static string[] NamesOf<T>()
        where T : struct, Enum => [.. Enum.GetNames<T>().Select(Core.Payments.SnakeCase.Convert)];

    private static EnsembleScore? WithoutScore(string reason)
    {
        ServerMetrics.InferenceFallbacks.WithLabels(reason).Inc();
        return null;
    }

    private V1.ScoreResponse Finish(ScoringContext context, V1.Assessment assessment, PolicyOutcome outcome, DegradationSet degradations)
    {
        var clock = context.Clock;
        if (!context.IsWarmUp)
        {
            clock.Observe();
            clock.Trace(time.GetUtcNow().UtcDateTime);
            ServerMetrics.Decisions[(int)outcome.Decision].Inc();
            Count(degradations);
        }
        var response = new V1.ScoreResponse { Assessment = assessment };
        AddStageTimes(response, context);
        return response;
    }

    private static void AddStageTimes(V1.ScoreResponse response, ScoringContext context)
    {
        foreach (var stage in context.WantsStageTimes ? ScoringStages.All : [])
        {
            response.StageTimes.Add(new V1.StageTime { Stage = ScoringStages.Names[(int)stage], Micros = context.Clock.MicrosOf(stage) });
        }
    }

    /// <summary>Hands the decision's record over. Waits only with Spool:Mode Acknowledge, until it is on disk.</summary>
    /// <returns>The assessment and its degradations, to which UNRECORDED is added if the record was not kept.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(V1.Assessment Assessment, DegradationSet Degradations)> PublishAsync(
        ScoringContext context, V1.Assessment assessment, V1.DecisionEvent? record, DegradationSet degradations)
    {
        if (record is null)
        {
            return (assessment, degradations);
        }
        var published = await decisions.PublishAsync(record, TimeLeft(context));
        if (published.IsKept)
        {
            answers.Keep(context, assessment);
            return (assessment, degradations);
        }
        if (published.Late is { } isKept)
        {
            answers.KeepLater(context, assessment, isKept);
        }
        degradations = degradations.With(Degradation.Unrecorded);
        // A copy, since a record that missed the limit may still be on its way to the spool.
        assessment = assessment.Clone();
        AssessmentWriter.Replace(assessment, degradations);
        return (assessment, degradations);
    }

    private static void Count(DegradationSet degradations)
    {
        if (degradations.IsEmpty)
        {
            ServerMetrics.Degradations[(int)Degradation.None].Inc();
        }
        foreach (var degradation in degradations)
        {
            ServerMetrics.Degradations[(int)degradation].Inc();
        }
    }
}
