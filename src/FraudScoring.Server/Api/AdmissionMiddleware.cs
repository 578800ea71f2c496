using System.Diagnostics;
using FraudScoring.Server.Admission;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Scoring;

namespace FraudScoring.Server.Api;

/// <summary>
/// Refuses what the service cannot answer in time, before routing and before the message is read. It comes first, so that a refusal costs
/// as little as possible. <see cref="ScoringService"/> takes a payment once its message is read, and decides on those of a stream alone.
/// </summary>
internal sealed class AdmissionMiddleware(
    RequestDelegate next, AdmissionControl admission, QueueProbe probe, ScoringOptions scoring, IHostApplicationLifetime lifetime,
    ILogger<AdmissionMiddleware> log)
{
    private static readonly long LogPause = AdmissionControl.TicksOf(TimeSpan.FromSeconds(10));
    private static readonly Func<object, Task> RecordTime = RecordTimeOf;

    private readonly long _budget = AdmissionControl.TicksOf(TimeSpan.FromMilliseconds(scoring.BudgetMs));
    private long _logAt;

    /// <summary>Takes or refuses a request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var kind = RequestKinds.Of(context.Request.Path.Value);
        if (kind == RequestKind.Unlimited)
        {
            return next(context);
        }
        var now = Stopwatch.GetTimestamp();
        var arrived = ArrivalStamps.Of(context, now) - probe.DelayAt(now);
        return kind == RequestKind.Payment ? TakePayment(context, now, arrived)
            : admission.Check(now, arrived) is { } reason ? Refuse(context, reason, now, long.MaxValue)
            : next(context);
    }

    private Task TakePayment(HttpContext context, long now, long arrived)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return LoadRefusal.WriteStoppingAsync(context);
        }
        var timeout = CallTimeout.Parse(context.Request.Headers[CallTimeout.Header]);
        var call = new PaymentCall(arrived, Math.Min(timeout ?? long.MaxValue, _budget), context.RequestAborted)
        {
            IsShort = timeout < _budget, IsUnderPressure = admission.IsUnderPressure(now),
            CallerDeadline = timeout is { } limit ? arrived + limit : long.MaxValue,
        };
        if (admission.Check(call, now) is { } reason)
        {
            return Refuse(context, reason, now, call.CallerDeadline);
        }
        // The deadline counts from the arrival and is kept here. With the header, gRPC would start a timer per call, and count from now.
        context.Request.Headers.Remove(CallTimeout.Header);
        context.Features.Set(call);
        context.Response.OnCompleted(RecordTime, call);
        return ScoreAsync(context, call);
    }

    private async Task ScoreAsync(HttpContext context, PaymentCall call)
    {
        try
        {
            await next(context);
        }
        finally
        {
            var now = Stopwatch.GetTimestamp();
            admission.Exit(call, now);
            // The service counts what it does not answer. It never sees a payment whose caller leaves before the message is read.
            if (!call.IsRead && call.IsCancelled)
            {
                AdmissionControl.Count(call.CancelledAt(now));
            }
        }
    }

    private Task Refuse(HttpContext context, RefusalReason reason, long now, long deadline)
    {
        if (reason == RefusalReason.Cancelled)
        {
            return Task.CompletedTask;
        }
        var logAt = Volatile.Read(ref _logAt);
        if (now >= logAt && Interlocked.CompareExchange(ref _logAt, now + LogPause, logAt) == logAt)
        {
            log.RequestsRefused(AdmissionControl.NameOf(reason));
        }
        return LoadRefusal.WriteAsync(context, reason, admission.RetryAfter(now), deadline - now);
    }

    private static Task RecordTimeOf(object state)
    {
        ((PaymentCall)state).RecordTime();
        return Task.CompletedTask;
    }
}
