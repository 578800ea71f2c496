using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Scoring;
using FraudScoring.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using EntityTokens = FraudScoring.Core.Payments.EntityTokens;
using FeatureState = FraudScoring.V1.FeatureState;

namespace FraudScoring.Server.Api;

/// <summary>The gRPC service that shows the features of entities and erases their profiles.</summary>
internal sealed class FeatureService(
    DeploymentHost deployments, EntityEraser eraser, RedisOptions redis, ScoringOptions scoring, IHostApplicationLifetime lifetime,
    TimeProvider time)
    : V1.FeatureService.FeatureServiceBase
{
    private static readonly TimeSpan ReadLimit = TimeSpan.FromSeconds(2);

    /// <inheritdoc />
    public override Task<ShowFeaturesResponse> ShowFeatures(ShowFeaturesRequest request, ServerCallContext context) => ShowAsync(request);

    /// <summary>Shows the features that a payment by these entities would have.</summary>
    /// <exception cref="RpcException">They cannot be shown; the status says why.</exception>
    public async Task<ShowFeaturesResponse> ShowAsync(ShowFeaturesRequest request)
    {
        Refusal.ThrowIfStopping(lifetime);
        var faults = new Faults();
        var (atMs, read) = Read(request, faults);
        var tokens = Require(read, faults);
        var deployment = deployments.Current;
        var buffers = deployment.Contexts.Get();
        buffers.Payment = PaymentOf(tokens, deployment.Catalogue, atMs);
        for (var e = 0; e < buffers.Reads.Keys.Length; e++)
        {
            buffers.Reads.Keys[e] = deployment.Keys.HashEntity(e, tokens);
            buffers.Reads.PreviousKeys[e] = deployment.Keys.Previous?.HashEntity(e, tokens) ?? default;
        }
        if (!await deployment.Store.PeekAsync(buffers.Reads, ReadLimit))
        {
            throw new RpcException(new Status(StatusCode.Unavailable,
                "The profiles could not be read from Redis; retry later. fraud_feature_read_failures_total counts the reasons."));
        }
        FeatureBuilder.Fill(deployment.Catalogue, buffers.Payment, 0, buffers.Reads.Profiles, buffers.Row);
        var response = Describe(deployment, buffers, atMs);
        deployment.Contexts.Return(buffers);
        return response;
    }

    /// <inheritdoc />
    public override Task<EraseEntitiesResponse> EraseEntities(EraseEntitiesRequest request, ServerCallContext context) =>
        EraseAsync(request, context.CancellationToken);

    /// <summary>Erases the profiles of a person.</summary>
    /// <exception cref="RpcException">Nothing was erased, or not everything; the status says why.</exception>
    public async Task<EraseEntitiesResponse> EraseAsync(EraseEntitiesRequest request, CancellationToken cancellationToken)
    {
        Refusal.ThrowIfStopping(lifetime);
        if (!redis.EraseAllowed)
        {
            throw new RpcException(new Status(StatusCode.PermissionDenied,
                "Erasing is disabled; set Redis:EraseAllowed to true on an instance that only authorized callers can reach."));
        }
        var faults = new Faults();
        var tokens = Require(ReadTokens(request.Entities, faults), faults);
        try
        {
            return await eraser.EraseAsync(tokens, cancellationToken);
        }
        catch (NotSupportedException e)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, e.Message));
        }
        catch (Confluent.Kafka.KafkaException e)
        {
            throw new RpcException(new Status(StatusCode.Unavailable,
                $"Kafka did not record the erasure, so no profile was erased: {e.Error.Reason}. Retry the call."));
        }
        catch (Exception e) when (RedisRetry.IsTransient(e) && !cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, $"Redis did not complete the erasure: {e.Message}. Retry the call."));
        }
    }

    /// <summary>Adds every fault that <see cref="ShowFeatures"/> would refuse the request for.</summary>
    public void Check(ShowFeaturesRequest request, Faults faults) => Read(request, faults);

    /// <summary>Adds every fault that <see cref="EraseEntities"/> would refuse the request for.</summary>
    public static void Check(EraseEntitiesRequest request, Faults faults) => ReadTokens(request.Entities, faults);

    private ShowFeaturesResponse Describe(Deployment deployment, ScoringContext buffers, long atMs)
    {
        var catalogue = deployment.Catalogue;
        var states = new Core.Features.FeatureState[catalogue.Features.Count];
        FeatureStates.Fill(catalogue, buffers.Reads.Profiles, buffers.Row, atMs, states);
        var lag = deployment.PaymentsHealth.Lag;
        var response = new ShowFeaturesResponse
        {
            CatalogueHash = catalogue.Hash, LagSeconds = deployment.PaymentsHealth.IsCaughtUp ? 0 : lag.TotalSeconds,
        };
        if (deployment.History.SinceMs is { } sinceMs)
        {
            response.HistorySince = Timestamp.FromDateTimeOffset(DateTimeOffset.FromUnixTimeMilliseconds(sinceMs));
        }
        foreach (var feature in catalogue.Features)
        {
            if (feature.Entity < 0 || buffers.Reads.Keys[feature.Entity].IsNone)
            {
                continue;
            }
            var (value, newest) = (buffers.Row[feature.Index], buffers.Reads.Profiles[feature.Entity]!.NewestMs);
            var reading = new FeatureReading
            {
                Name = feature.Name, Entity = catalogue.Entities[feature.Entity].Name, Unit = feature.Unit, Text = feature.Text,
                ErrorBound = feature.ErrorBound,
                WindowSeconds = SecondsOf(feature.WindowMs), DelaySeconds = SecondsOf(feature.DelayMs),
                State = lag > TimeSpan.FromSeconds(scoring.StaleAfterSeconds) || deployment.History.Lacks(feature.Index, atMs)
                    ? FeatureState.Stale
                    : StateOf(states[feature.Index]),
            };
            if (!float.IsNaN(value))
            {
                reading.Value = value;
            }
            if (newest != long.MinValue)
            {
                reading.AgeSeconds = SecondsOf(atMs - newest);
            }
            response.Features.Add(reading);
        }
        return response;
    }

    private static double SecondsOf(long milliseconds) => milliseconds / (double)MillisecondsPer.Second;

    private static FeatureState StateOf(Core.Features.FeatureState state) => state switch
    {
        Core.Features.FeatureState.Present => FeatureState.Present,
        Core.Features.FeatureState.Absent => FeatureState.Absent,
        Core.Features.FeatureState.Saturated => FeatureState.Saturated,
        _ => FeatureState.Stale,
    };

    private (long AtMs, EntityTokens? Tokens) Read(ShowFeaturesRequest request, Faults faults)
    {
        var atMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (request.At is { } at && !Timestamps.TryToUnixMs(at, out atMs))
        {
            faults.Add("at", Timestamps.Rule);
        }
        return (atMs, ReadTokens(request.Entities, faults));
    }

    private static EntityTokens? ReadTokens(V1.EntityTokens? message, Faults faults) => PaymentReader.ParseTokens(
        new EntityTokens
        {
            Card = message?.CardToken, Account = message?.AccountToken, Device = message?.DeviceToken, IpAddress = message?.IpAddress,
            Merchant = message?.MerchantId,
        },
        faults);

    private static EntityTokens Require(EntityTokens? tokens, Faults faults)
    {
        if (tokens is not null && faults.Count == 0)
        {
            return tokens;
        }
        ServerMetrics.InvalidRequests.Inc();
        throw Refusal.Invalid(faults);
    }

    /// <summary>A placeholder payment of these entities. Fields that no feature over a history reads have arbitrary values.</summary>
    private static Core.Payments.Payment PaymentOf(EntityTokens tokens, FeatureCatalogue catalogue, long atMs) => new()
    {
        TransactionId = "-", EventTimeMs = atMs, AmountMinor = 0, Currency = catalogue.ReferenceCurrency,
        Channel = Core.Payments.Channel.Ecommerce, Card = tokens.Card ?? "", Account = tokens.Account, Device = tokens.Device,
        IpAddress = tokens.IpAddress, Merchant = tokens.Merchant ?? "",
    };
}
