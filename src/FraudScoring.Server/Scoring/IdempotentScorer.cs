using System.Diagnostics;
using System.Runtime.CompilerServices;
using FraudScoring.Server.Monitoring;

namespace FraudScoring.Server.Scoring;

/// <summary>
/// Scores each transaction id once per Scoring:IdempotencySeconds. A repeated request gets the first answer again: from the run in progress
/// if this instance is scoring the payment, otherwise from Redis.
/// </summary>
internal sealed class IdempotentScorer(PaymentScorer scorer, StoredAnswers answers, PendingAnswers pending, TimeProvider time)
{
    /// <summary>Scores the context's payment, or repeats its answer.</summary>
    /// <param name="context">Holds the checked payment; its clock has run since the request arrived.</param>
    /// <param name="message">The payment as received.</param>
    /// <param name="explain">When to compute contributions.</param>
    /// <returns>
    /// Null without an answer: either <see cref="ScoringContext.Differing"/> names the fields that differ from those of the first request,
    /// or <see cref="ScoringContext.Unanswered"/> has the reason.
    /// </returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<V1.ScoreResponse?> ScoreAsync(ScoringContext context, V1.Payment message, ExplainWhen explain)
    {
        if (!answers.AreKept)
        {
            return await scorer.ScoreAsync(context, message, explain);
        }
        answers.Hash(context.Contents, message, context.Model);
        context.AnswerKey = answers.KeyOf(message.TransactionId);
        var mine = new PendingAnswer(message, context.Model);
        while (pending.FindOrBegin(message.TransactionId, mine) is { } first)
        {
            var (isOver, response) = await ShareAsync(context, first);
            if (isOver)
            {
                return response;
            }
        }
        V1.ScoreResponse? own = null;
        try
        {
            own = await scorer.ScoreAsync(context, message, explain);
            return own;
        }
        finally
        {
            pending.End(message.TransactionId, mine, own?.Assessment);
        }
    }

    /// <summary>Waits for the answer to another request of the same id.</summary>
    /// <returns>Not over if that request failed, so that this one must be scored.</returns>
    private async Task<(bool IsOver, V1.ScoreResponse? Response)> ShareAsync(ScoringContext context, PendingAnswer first)
    {
        var other = new RequestContents();
        answers.Hash(other, first.Payment, first.Model);
        var written = new byte[RequestContents.Length];
        other.WriteTo(written);
        context.Differing = context.Contents.FindDifferences(written);
        if (context.Differing.Count > 0)
        {
            ServerMetrics.RepeatedRequests.WithLabels("conflicting").Inc();
            return (true, null);
        }
        var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), context.Call.Deadline);
        try
        {
            var assessment = await first.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
            if (context.Call.IsCancelled)
            {
                context.Unanswered = Unanswered.Cancelled;
                return (true, null);
            }
            return assessment is null ? (false, null) : (true, PaymentScorer.Repeat(context, assessment, "shared"));
        }
        catch (TimeoutException)
        {
            context.Unanswered = Unanswered.SharedTooLate;
            return (true, null);
        }
    }
}
