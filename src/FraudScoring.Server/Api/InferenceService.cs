using FraudScoring.Core.Payments;
using FraudScoring.Inference.UserModels;
using FraudScoring.Oip;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Monitoring;
using Grpc.Core;

namespace FraudScoring.Server.Api;

/// <summary>The Open Inference Protocol, version 2: runs any loaded model on tensors.</summary>
internal sealed class InferenceService(
    ServedModels models, InferencePermits permits, ServingOptions options, IHostApplicationLifetime lifetime)
    : GRPCInferenceService.GRPCInferenceServiceBase
{
    /// <summary>Full name of the gRPC service, which its request paths begin with.</summary>
    public static string Name => GRPCInferenceService.Descriptor.FullName;

    /// <inheritdoc />
    public override Task<ServerLiveResponse> ServerLive(ServerLiveRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerLiveResponse { Live = true });

    /// <inheritdoc />
    public override Task<ServerReadyResponse> ServerReady(ServerReadyRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerReadyResponse
        {
            Ready = models.HasChampion && !lifetime.ApplicationStopping.IsCancellationRequested,
        });

    /// <inheritdoc />
    public override Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context)
    {
        var model = request.Name.Length == 0 ? null : models.Lease(request.Name, request.Version);
        var isReady = model?.Served.Quarantine.IsReady == true;
        model?.Return();
        return Task.FromResult(new ModelReadyResponse { Ready = isReady });
    }

    /// <inheritdoc />
    public override Task<ServerMetadataResponse> ServerMetadata(ServerMetadataRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerMetadataResponse
        {
            Name = "fraud-scoring", Version = typeof(InferenceService).Assembly.GetName().Version!.ToString(3),
        });

    /// <inheritdoc />
    public override Task<ModelMetadataResponse> ModelMetadata(ModelMetadataRequest request, ServerCallContext context)
    {
        var lease = Lease("name", request.Name, request.Version);
        var response = new ModelMetadataResponse { Name = lease.Served.Id.Name, Platform = lease.Served.Platform };
        response.Versions.AddRange(request.Version.Length > 0 ? [request.Version] : models.VersionsOf(request.Name));
        response.Inputs.AddRange(lease.Served.Inputs.Select(Describe));
        response.Outputs.AddRange(lease.Served.Outputs.Select(Describe));
        lease.Return();
        return Task.FromResult(response);
    }

    /// <inheritdoc />
    public override async Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context)
    {
        Refusal.ThrowIfStopping(lifetime);
        var lease = Lease("model_name", request.ModelName, request.ModelVersion);
        try
        {
            var clock = new InferenceClock();
            var faults = new Faults();
            var read = InferenceReader.Parse(request, lease.Served, options.Limits, faults);
            clock.RecordInput();
            if (read is null)
            {
                ServerMetrics.InvalidRequests.Inc();
                throw Refusal.Invalid(faults);
            }
            ModelAnswer answer;
            using (await permits.AcquireAsync(context.CancellationToken))
            {
                clock.RecordQueue();
                answer = await GuardedRuns.RunAsync(lease.Served, read, context.CancellationToken);
            }
            clock.RecordInfer();
            var response = new ModelInferResponse
            {
                ModelName = lease.Served.Id.Name, ModelVersion = lease.Served.Id.Version, Id = request.Id,
            };
            TensorWriter.Write(response, answer.Tensors, lease.Served.Outputs, read.IsRaw);
            clock.RecordOutput(lease.Served, answer.Device);
            return response;
        }
        finally
        {
            lease.Return();
        }
    }

    private Inference.Rollout.ModelSnapshot Lease(string field, string name, string version) =>
        (name.Length == 0 ? null : models.Lease(name, version)) ?? throw Refusal.UnknownModel(field, models.All);

    private static ModelMetadataResponse.Types.TensorMetadata Describe(TensorSpec spec)
    {
        var tensor = new ModelMetadataResponse.Types.TensorMetadata { Name = spec.Name, Datatype = spec.Type.Name };
        tensor.Shape.AddRange(spec.Shape);
        return tensor;
    }
}
