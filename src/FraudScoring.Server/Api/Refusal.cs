using FraudScoring.Core.Payments;
using FraudScoring.Inference.UserModels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Status = Grpc.Core.Status;

namespace FraudScoring.Server.Api;

/// <summary>The one place that turns a refused request into a gRPC status.</summary>
internal static class Refusal
{
    // A status message travels in a header, and clients accept headers of 8 KiB.
    private const int MostText = 3000, MostDetailBytes = 2400;

    // As in the libraries of Google: a serialized google.rpc.Status.
    private const string DetailsHeader = "grpc-status-details-bin";

    /// <summary>
    /// INVALID_ARGUMENT, naming every fault: in the message, and as google.rpc.BadRequest in the details, as far as they fit into headers.
    /// </summary>
    public static InvalidRequestException Invalid(Faults faults)
    {
        var status = new Status(StatusCode.InvalidArgument, Cut(faults.ToString()));
        return new(status, new Metadata { { DetailsHeader, DetailsOf(faults) } }, [.. faults]);
    }

    /// <summary>NOT_FOUND, listing the loaded models. The requested name is not repeated: it may hold anything.</summary>
    public static RpcException UnknownModel(string field, IEnumerable<IServedModel> models)
    {
        var names = string.Join(", ", models.Select(model => $"{model.Id}"));
        return new(new Status(StatusCode.NotFound, Cut($"{field}: no such model is loaded; "
            + (names.Length == 0 ? "add it to registry.json" : $"the loaded models are {names}"))));
    }

    /// <summary>INTERNAL: the model failed or returned an invalid answer.</summary>
    public static RpcException NoAnswer(IServedModel model, string what) => new(new Status(StatusCode.Internal, Cut(
        $"The model {model.Id} {what}. Use another version, or fix the model. Repeated failures quarantine it.")));

    /// <summary>UNAVAILABLE rather than INTERNAL: a quarantined model is retried, so a later request may succeed.</summary>
    public static RpcException Quarantined(IServedModel model) => new(new Status(StatusCode.Unavailable,
        $"The model {model.Id} is in quarantine because its last runs failed; it is retried with growing pauses. "
            + "Retry later, or use another version."));

    /// <summary>UNAVAILABLE: the decision cannot be recorded, and Spool:WhenFull forbids an answer without a record.</summary>
    public static RpcException NotRecorded() => new(new Status(StatusCode.Unavailable,
        "The decision was not recorded in time: the spool of this instance is full, its disk fails or is slow, or its queue is full, and "
            + "Spool:WhenFull is Refuse. Retry on another instance."));

    /// <summary>RESOURCE_EXHAUSTED: the queue of waiting runs is full.</summary>
    public static RpcException Busy(int waiting) => new(new Status(StatusCode.ResourceExhausted,
        $"{waiting} requests already wait for a model, the limit of Serving:MaxWaiting; retry later, or add instances."));

    /// <summary>ALREADY_EXISTS: an earlier request had the same transaction id and other fields.</summary>
    public static RpcException Conflict(IEnumerable<string> fields) => new(new Status(StatusCode.AlreadyExists, Cut(
        $"{string.Join(", ", fields)}: must be the same as in the earlier request with this payment.transaction_id. Send that "
            + "request unchanged to get its answer, or use a new transaction_id for another payment.")));

    /// <summary>DEADLINE_EXCEEDED: an earlier request of the same transaction id was not answered before this one's deadline.</summary>
    public static RpcException TooLate() => new(new Status(StatusCode.DeadlineExceeded,
        "The payment is being scored for an earlier request with this payment.transaction_id. Retry to get its answer."));

    /// <summary>UNAVAILABLE: the service is stopping and accepts no more requests.</summary>
    public static RpcException Stopping() => new(new Status(StatusCode.Unavailable,
        "The service is stopping; what it has not answered was not scored. Retry on another instance."));

    /// <summary>Refuses a request if the service is stopping. Kept-alive connections still bring requests then.</summary>
    /// <exception cref="RpcException">The service is stopping.</exception>
    public static void ThrowIfStopping(IHostApplicationLifetime lifetime)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw Stopping();
        }
    }

    private static byte[] DetailsOf(Faults faults)
    {
        var (details, size) = (new BadRequest(), 0);
        foreach (var fault in faults)
        {
            var violation = new BadRequest.Types.FieldViolation { Field = fault.Field, Description = fault.Message };
            size += violation.CalculateSize();
            if (size > MostDetailBytes)
            {
                break;
            }
            details.FieldViolations.Add(violation);
        }
        // The message is already in a header of its own.
        return new Google.Rpc.Status { Code = (int)StatusCode.InvalidArgument, Details = { Any.Pack(details) } }.ToByteArray();
    }

    private static string Cut(string text) => text.Length <= MostText ? text : $"{text[..MostText]}…";
}
