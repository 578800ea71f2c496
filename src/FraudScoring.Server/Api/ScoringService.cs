using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Admission;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Scoring;
using FraudScoring.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Channel = System.Threading.Channels.Channel;
using Payment = FraudScoring.Core.Payments.Payment;

namespace FraudScoring.Server.Api;

/// <summary>The gRPC service that scores payments: checks the message, builds the payment, and hands it to the scorer.</summary>
internal sealed class ScoringService(
    DeploymentHost deployments, DecisionProducer decisions, AdmissionControl admission, QueueProbe probe, ScoringOptions options,
    IHostApplicationLifetime lifetime, TimeProvider time,
    ILogger<ScoringService> log)
    : V1.ScoringService.ScoringServiceBase
{
    // How long the answers of a stream may take to be written once the service stops and its payments are scored.
    private static readonly TimeSpan LastAnswersLimit = TimeSpan.FromMilliseconds(500);

    private static readonly Prometheus.Counter.Child UnrecordedPayments = ServerMetrics.FailedPayments.WithLabels("not_recorded"),
        InternalErrors = ServerMetrics.FailedPayments.WithLabels("internal_error");

    private readonly long _budget = AdmissionControl.TicksOf(TimeSpan.FromMilliseconds(options.BudgetMs));

    private readonly PaymentLimits _limits = new()
    {
        MaxEventAge = TimeSpan.FromHours(options.MaxEventAgeHours),
        MaxEventAhead = TimeSpan.FromSeconds(options.MaxEventAheadSeconds),
    };

    /// <inheritdoc />
    public override Task<ScoreResponse> Score(ScoreRequest request, ServerCallContext context) =>
        ScoreAsync(request, context.GetHttpContext());

    /// <summary>Scores the payment of a request that the admission has let through. It lets none through while the service stops.</summary>
    /// <exception cref="RpcException">The payment is not scored; the status says why.</exception>
    public Task<ScoreResponse> ScoreAsync(ScoreRequest request, HttpContext context)
    {
        var (call, now) = (context.Features.GetRequiredFeature<PaymentCall>(), Stopwatch.GetTimestamp());
        call.IsRead = true;
        // The middleware ends what is taken here, once the answer is written.
        return admission.Enter(call, now) is { } reason
            ? throw new LoadRefusalException(reason, admission.RetryAfter(now), call.CallerDeadline - now)
            : ScoreAsync(request, call);
    }

    /// <summary>Adds every fault that <see cref="Score"/> would refuse the request for.</summary>
    public void Check(ScoreRequest request, Faults faults) => Read(request, faults);

    /// <inheritdoc />
    public override async Task ScoreStream(
        IAsyncStreamReader<ScoreRequest> requestStream, IServerStreamWriter<ScoreStreamResponse> responseStream, ServerCallContext context)
    {
        var answers = Channel.CreateBounded<StreamAnswer>(
            new BoundedChannelOptions(options.StreamConcurrency) { SingleReader = true });
        var writing = WriteAsync(answers.Reader, responseStream);
        using var permits = new SemaphoreSlim(options.StreamConcurrency);
        try
        {
            var isComplete = await StartAllAsync(requestStream, answers.Writer, permits, context.CancellationToken);
            var finishing = FinishAsync(permits, answers.Writer, writing, context.CancellationToken);
            await (isComplete ? finishing : StopAsync(finishing, context));
        }
        finally
        {
            answers.Writer.TryComplete();
        }
    }

    /// <summary>Starts to score each payment of a stream, until the caller has sent all or the service stops.</summary>
    /// <returns>False if the service stops.</returns>
    private async Task<bool> StartAllAsync(IAsyncStreamReader<ScoreRequest> requests, ChannelWriter<StreamAnswer> answers,
        SemaphoreSlim permits, CancellationToken cancellationToken)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            while (await requests.MoveNext(reading.Token))
            {
                // Also ends when the service stops: a caller that does not read its answers returns no permits.
                await permits.WaitAsync(reading.Token);
                _ = AnswerAsync(requests.Current, answers, permits, cancellationToken);
            }
            return true;
        }
        catch (OperationCanceledException) when (reading.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Waits until every started payment is answered and its answer is written.</summary>
    private async Task FinishAsync(
        SemaphoreSlim permits, ChannelWriter<StreamAnswer> answers, Task writing, CancellationToken cancellationToken)
    {
        // All permits are back once every answer is in the channel.
        for (var i = 0; i < options.StreamConcurrency; i++)
        {
            await permits.WaitAsync(cancellationToken);
        }
        answers.TryComplete();
        await writing;
    }

    /// <summary>Ends a stream because the service stops, once the payments in progress are answered.</summary>
    private async Task StopAsync(Task finishing, ServerCallContext context)
    {
        try
        {
            await finishing.WaitAsync(TimeSpan.FromMilliseconds(options.BudgetMs) + LastAnswersLimit, time, context.CancellationToken);
        }
        catch (TimeoutException)
        {
            // The caller does not read its answers, and must not delay the stop. Its connection ends too: after the reset of a single
            // stream the web server keeps a connection open until the caller sends something.
            context.GetHttpContext().Features.Get<IConnectionLifetimeFeature>()?.Abort();
        }
        throw Refusal.Stopping();
    }

    private async Task AnswerAsync(
        ScoreRequest request, ChannelWriter<StreamAnswer> answers, SemaphoreSlim permits, CancellationToken cancellationToken)
    {
        var answer = new ScoreStreamResponse { TransactionId = request.Payment?.TransactionId ?? "" };
        // A caller may send ahead of the answers, so that its payments wait for each other. What they wait for a thread is estimated.
        var now = Stopwatch.GetTimestamp();
        var call = new PaymentCall(now - probe.DelayAt(now), _budget, cancellationToken)
        {
            IsUnderPressure = admission.IsUnderPressure(now), IsStreamed = true,
        };
        try
        {
            if ((admission.Check(call, now) ?? admission.Enter(call, now)) is { } reason)
            {
                answer.Error = ErrorOf(LoadRefusal.StatusOf(reason));
            }
            else
            {
                try
                {
                    answer.Response = await ScoreAsync(request, call);
                }
                finally
                {
                    admission.Exit(call, Stopwatch.GetTimestamp());
                }
            }
        }
        catch (RpcException e)
        {
            answer.Error = ErrorOf(e.Status);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A bug. Only this payment is answered by an error, as the unary call would; the stream continues.
            log.StreamPaymentFailed(e);
            answer.Error = ErrorOf(new Status(StatusCode.Internal,
                "The payment could not be scored: an internal error. Retry; the service log has the cause (event 400)."));
        }
        try
        {
            await answers.WriteAsync(new StreamAnswer(answer, call), cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            // The caller has disconnected; nobody reads this answer.
        }
        Release(permits);
    }

    private static ScoreError ErrorOf(Status status) => new() { Code = (int)status.StatusCode, Message = status.Detail };

    private static void Release(SemaphoreSlim permits)
    {
        try
        {
            permits.Release();
        }
        catch (ObjectDisposedException)
        {
            // The stream ended before this answer did.
        }
    }

    private static async Task WriteAsync(ChannelReader<StreamAnswer> answers, IServerStreamWriter<ScoreStreamResponse> stream)
    {
        await foreach (var (message, call) in answers.ReadAllAsync())
        {
            await stream.WriteAsync(message);
            call.RecordTime();
        }
    }

    private async Task<ScoreResponse> ScoreAsync(ScoreRequest request, PaymentCall call)
    {
        call.IsRead = true;
        try
        {
            var response = await ScoreAsync(deployments.Current, request, call);
            call.IsAnswered = true;
            return response;
        }
        catch (Exception e) when (e is not RpcException)
        {
            InternalErrors.Inc();
            throw;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ScoreResponse> ScoreAsync(Deployment deployment, ScoreRequest request, PaymentCall call)
    {
        var context = deployment.Contexts.Get();
        context.Call = call;
        context.Clock.Start();
        var faults = context.Faults;
        faults.Clear();
        var (payment, explain) = Read(request, faults);
        if (faults.Count > 0)
        {
            // Built before the context returns to the pool: its next user clears the faults.
            var refusal = Refusal.Invalid(faults);
            deployment.Contexts.Return(context);
            ServerMetrics.InvalidRequests.Inc();
            throw refusal;
        }
        context.Payment = payment!;
        context.WantsStageTimes = request.StageTimes;
        Convert(context, deployment.Models.Rates.Current);
        context.Model = FindModel(deployment, context, request);
        context.Clock.Mark(ScoringStage.Validate);
        // Not returned to the pool after an exception: a read that is still pending could write to the context.
        var response = await deployment.IdempotentScorer.ScoreAsync(context, request.Payment, explain);
        var (differing, unanswered) = (context.Differing, context.Unanswered);
        deployment.Contexts.Return(context);
        if (response is null)
        {
            throw differing.Count > 0 ? Refusal.Conflict(differing) : Refuse(unanswered, call);
        }
        return decisions.RequiresRecord && response.Assessment.Degradations.Contains(V1.Degradation.Unrecorded)
            ? throw NotRecorded()
            : response;
    }

    private static RpcException Refuse(Unanswered unanswered, PaymentCall call)
    {
        if (unanswered == Unanswered.NotRecorded)
        {
            return NotRecorded();
        }
        var reason = unanswered switch
        {
            Unanswered.ModelQueueFull => RefusalReason.ModelQueue,
            Unanswered.Cancelled => call.CancelledAt(Stopwatch.GetTimestamp()),
            _ => call.Expired,
        };
        AdmissionControl.Count(reason);
        return unanswered == Unanswered.SharedTooLate ? Refusal.TooLate() : new RpcException(LoadRefusal.StatusOf(reason));
    }

    private static RpcException NotRecorded()
    {
        UnrecordedPayments.Inc();
        return Refusal.NotRecorded();
    }

    /// <summary>Without a rate the payment is scored all the same: the features of its amount are missing.</summary>
    private static void Convert(ScoringContext context, ExchangeRates rates)
    {
        context.Rates = rates;
        context.Amount = rates.Convert(context.Payment);
        if (context.Amount < 0)
        {
            ServerMetrics.PaymentsWithoutRate.WithLabels(context.Payment.Currency.Code, ServerMetrics.ScoredPath).Inc();
        }
    }

    /// <summary>The requested model, which must be a loaded bundle. Name and version are empty when the request names none.</summary>
    private static (string Name, string Version) FindModel(Deployment deployment, ScoringContext context, ScoreRequest request)
    {
        if (request is { Model.Length: 0, ModelVersion.Length: 0 }
            || deployment.Router.Loaded.Find(request.Model, request.ModelVersion) is { IsBundle: true })
        {
            return (request.Model, request.ModelVersion);
        }
        deployment.Contexts.Return(context);
        throw Refusal.UnknownModel(
            "model", deployment.Router.Loaded.All.Where(model => model.IsBundle).Select(model => model.Served));
    }

    private (Payment? Payment, ExplainWhen Explain) Read(ScoreRequest request, Faults faults) =>
        (PaymentReader.Parse(request.Payment, _limits, time.GetUtcNow().ToUnixTimeMilliseconds(), faults),
            ReadExplain(request.Explain, faults));

    private ExplainWhen ReadExplain(ExplainMode mode, Faults faults)
    {
        switch (mode)
        {
            case ExplainMode.Unspecified: return options.Explain;
            case ExplainMode.Always: return ExplainWhen.Always;
            case ExplainMode.OnReview: return ExplainWhen.OnReview;
            case ExplainMode.Never: return ExplainWhen.Never;
            default:
                faults.Add("explain", "is not a known mode; use EXPLAIN_MODE_ALWAYS, EXPLAIN_MODE_ON_REVIEW or EXPLAIN_MODE_NEVER");
                return ExplainWhen.Never;
        }
    }

    /// <summary>An answer on its way to the caller of a stream.</summary>
    private readonly record struct StreamAnswer(ScoreStreamResponse Message, PaymentCall Call);
}
