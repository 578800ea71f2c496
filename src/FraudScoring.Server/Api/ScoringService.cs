using System.Threading.Channels;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Scoring;
using FraudScoring.V1;
using Grpc.Core;
using Channel = System.Threading.Channels.Channel;

namespace FraudScoring.Server.Api;

/// <summary>The gRPC service that scores payments: checks the message, builds the payment, and hands it to the scorer.</summary>
internal sealed class ScoringService(
    DeploymentHost deployments, ScoringOptions options, TimeProvider time, ILogger<ScoringService> log)
    : V1.ScoringService.ScoringServiceBase
{
    private readonly PaymentLimits _limits = new()
    {
        MaxEventAge = TimeSpan.FromHours(options.MaxEventAgeHours),
        MaxEventAhead = TimeSpan.FromSeconds(options.MaxEventAheadSeconds),
    };

    /// <inheritdoc />
    public override Task<ScoreResponse> Score(ScoreRequest request, ServerCallContext context) =>
        ScoreAsync(request, TimeLeft(context)).AsTask();

    /// <inheritdoc />
    public override async Task ScoreStream(
        IAsyncStreamReader<ScoreRequest> requestStream, IServerStreamWriter<ScoreStreamResponse> responseStream, ServerCallContext context)
    {
        var answers = Channel.CreateBounded<ScoreStreamResponse>(
            new BoundedChannelOptions(options.StreamConcurrency) { SingleReader = true });
        var writing = WriteAsync(answers.Reader, responseStream);
        using var permits = new SemaphoreSlim(options.StreamConcurrency);
        try
        {
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                await permits.WaitAsync(context.CancellationToken);
                _ = AnswerAsync(requestStream.Current, answers.Writer, permits, context.CancellationToken);
            }
            // All permits are back once every answer is written.
            for (var i = 0; i < options.StreamConcurrency; i++)
            {
                await permits.WaitAsync(context.CancellationToken);
            }
        }
        finally
        {
            answers.Writer.TryComplete();
        }
        await writing;
    }

    private async Task AnswerAsync(
        ScoreRequest request, ChannelWriter<ScoreStreamResponse> answers, SemaphoreSlim permits, CancellationToken cancellationToken)
    {
        var answer = new ScoreStreamResponse { TransactionId = request.Payment?.TransactionId ?? "" };
        try
        {
            answer.Response = await ScoreAsync(request, TimeSpan.FromMilliseconds(options.BudgetMs));
        }
        catch (RpcException e)
        {
            answer.Error = new ScoreError { Code = (int)e.StatusCode, Message = e.Status.Detail };
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A bug. Only this payment is answered by an error, as the unary call would; the stream continues.
            log.StreamPaymentFailed(e);
            answer.Error = new ScoreError { Code = (int)StatusCode.Internal, Message = "The payment could not be scored." };
        }
        try
        {
            await answers.WriteAsync(answer, cancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            // The caller has disconnected; nobody reads this answer.
        }
        Release(permits);
    }

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

    private static async Task WriteAsync(ChannelReader<ScoreStreamResponse> answers, IServerStreamWriter<ScoreStreamResponse> stream)
    {
        await foreach (var answer in answers.ReadAllAsync())
        {
            await stream.WriteAsync(answer);
        }
    }

    private async ValueTask<ScoreResponse> ScoreAsync(ScoreRequest request, TimeSpan limit)
    {
        var deployment = deployments.Current;
        var context = deployment.Contexts.Get();
        context.Clock.Start();
        var faults = context.Faults;
        faults.Clear();
        var payment = PaymentReader.Parse(request.Payment, _limits, time.GetUtcNow().ToUnixTimeMilliseconds(), faults);
        var explain = ReadExplain(request.Explain, faults);
        long amount = 0;
        if (payment is not null && !deployment.Catalogue.TryConvert(payment.AmountMinor, payment.Currency, out amount))
        {
            faults.Add("payment.currency",
                $"has no exchange rate in the feature catalogue; use one of {string.Join(", ", deployment.Catalogue.Currencies)}");
        }
        if (faults.Count > 0)
        {
            // Built before the context returns to the pool: its next user clears the faults.
            var refusal = Refusal.Invalid(faults);
            deployment.Contexts.Return(context);
            ServerMetrics.InvalidRequests.Inc();
            throw refusal;
        }
        context.Payment = payment!;
        context.Amount = amount;
        context.Model = FindModel(deployment, context, request);
        context.Clock.Mark(ScoringStage.Validate);
        // Not returned to the pool after an exception: a read that is still pending could write to the context.
        var response = await deployment.Scorer.ScoreAsync(context, request.Payment, explain, limit);
        deployment.Contexts.Return(context);
        return response;
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

    private TimeSpan TimeLeft(ServerCallContext context)
    {
        var budget = TimeSpan.FromMilliseconds(options.BudgetMs);
        var left = context.Deadline == DateTime.MaxValue ? budget : context.Deadline - time.GetUtcNow().UtcDateTime;
        return left < budget ? left : budget;
    }
}
