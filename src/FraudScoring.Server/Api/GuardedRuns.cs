using FraudScoring.Core.Payments;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.UserModels;
using FraudScoring.Server.Monitoring;
using Grpc.Core;

namespace FraudScoring.Server.Api;

/// <summary>
/// Runs models for the Open Inference Protocol under their quarantine, and maps each outcome to an answer or a gRPC status.
/// </summary>
internal static class GuardedRuns
{
    /// <summary>Runs a model on a request, and adds contributions when the request asks for them.</summary>
    /// <exception cref="RpcException">The run returned no valid answer; the status has the reason.</exception>
    public static async ValueTask<ModelAnswer> RunAsync(IServedModel model, InferenceReader read, CancellationToken cancellationToken)
    {
        var run = new TensorRun(model, read.Inputs, read.Outputs, cancellationToken);
        var ran = await GuardedRun.RunAsync<TensorRun, ModelAnswer>(model.Quarantine, run);
        return ran.Result.Outcome switch
        {
            RunOutcome.Valid => read.Explain ? Explain(model, read, ran.Answer!, cancellationToken) : ran.Answer!,
            RunOutcome.NotBlamed => throw Invalid(model, ran.Result.Reason),
            RunOutcome.Quarantined => throw Refusal.Quarantined(model),
            _ => throw Refusal.NoAnswer(model, ran.Result.Reason),
        };
    }

    private static ModelAnswer Explain(IServedModel model, InferenceReader read, ModelAnswer answer, CancellationToken cancellationToken)
    {
        try
        {
            return answer with { Tensors = [.. answer.Tensors, .. model.Explain(read.Inputs, cancellationToken)] };
        }
        catch (ModelRunException e)
        {
            throw Invalid(model, $"failed to run on these inputs: {e.Message}; check the values and the lengths of free axes");
        }
    }

    private static InvalidRequestException Invalid(IServedModel model, string what)
    {
        ServerMetrics.InvalidRequests.Inc();
        return Refusal.Invalid([new Fault("inputs", $"the model {model.Id.Name} {what}")]);
    }
}
