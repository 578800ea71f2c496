using FraudScoring.Core.Payments;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.UserModels;
using FraudScoring.Server.Monitoring;
using Grpc.Core;

namespace FraudScoring.Server.Api;

/// <summary>
/// Runs of the Open Inference Protocol under the models' quarantine: what gives NaN or a value out of range for ordinary values several times
/// in a row is kept away from requests, and tried again from time to time. A bundle's quarantine is the one it has for payments.
/// </summary>
internal sealed class GuardedRuns(InferenceMonitor monitor, ILogger<GuardedRuns> log)
{
    /// <summary>Runs a model on a request, and explains it where that is asked for.</summary>
    /// <exception cref="RpcException">There is no answer, and why.</exception>
    public ModelAnswer Run(IServedModel model, InferenceReader read, CancellationToken cancellationToken)
    {
        var admission = model.Quarantine.Enter();
        if (admission == Admission.Refused)
        {
            throw Refusal.Quarantined(model);
        }
        var isTold = false;
        try
        {
            var answer = model.Run(read.Inputs, read.Outputs, cancellationToken);
            if (AnswerCheck.WhyNone(answer.Tensors, read.Outputs) is { } why)
            {
                isTold = IsOfModel(model, read);
                throw isTold ? Bad(model, admission, "out_of_range", $"gave {why}") : Invalid(model, $"gave {why}");
            }
            isTold = true;
            monitor.Good(model.Quarantine, admission, model.Name, model.Version);
            return read.Explain ? answer with { Tensors = [.. answer.Tensors, .. model.Explain(read.Inputs, cancellationToken)] } : answer;
        }
        catch (ModelRunException e)
        {
            // Names, types and shapes were right, so it is the values, or how free axes go together, that the model does not take.
            isTold |= e.IsOfModel;
            throw e.IsOfModel ? Bad(model, admission, "run_failed", $"could not be run: {e.Message}")
                : Invalid(model, $"could not be run on them: {e.Message}");
        }
        finally
        {
            if (!isTold)
            {
                model.Quarantine.Release(admission);
            }
        }
    }

    /// <summary>A model that is well has an answer for ordinary values; for others it need not.</summary>
    private static bool IsOfModel(IServedModel model, InferenceReader read) => AnswerCheck.AreOrdinary(read.Inputs, model.TakesMissing);

    private RpcException Bad(IServedModel model, Admission admission, string reason, string what)
    {
        log.ModelGaveNoAnswer(model.Name, model.Version, what);
        monitor.Bad(model.Quarantine, admission, model.Name, model.Version, reason);
        return Refusal.NoAnswer(model, what);
    }

    private static RpcException Invalid(IServedModel model, string what)
    {
        ServerMetrics.InvalidRequests.Inc();
        return Refusal.Invalid([new Fault("inputs", $"the model {model.Name} {what}")]);
    }
}
