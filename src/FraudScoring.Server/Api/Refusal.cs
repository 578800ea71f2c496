using FraudScoring.Core.Payments;
using FraudScoring.Inference.Served;
using Grpc.Core;

namespace FraudScoring.Server.Api;

/// <summary>The one place where what is wrong with a request becomes a gRPC status.</summary>
internal static class Refusal
{
    // A status travels in a header, and clients take headers of 8 KiB.
    private const int MostText = 3000;

    /// <summary>Something in the message is wrong: INVALID_ARGUMENT names it all.</summary>
    public static RpcException Invalid(IEnumerable<Fault> faults) => new(new Status(StatusCode.InvalidArgument, Cut(Fault.Join(faults))));

    /// <summary>There is no such model: NOT_FOUND lists what there is. What was asked for is not repeated.</summary>
    /// <param name="field">The message's field.</param>
    /// <param name="models">What there is.</param>
    public static RpcException UnknownModel(string field, IEnumerable<IServedModel> models)
    {
        var names = string.Join(", ", models.Select(model => $"{model.Name} {model.Version}"));
        return new(new Status(StatusCode.NotFound, Cut($"{field}: no such model, or no such version of it, is loaded; there {(names.Length == 0 ? "is none" : $"are {names}")}")));
    }

    /// <summary>More runs wait than may.</summary>
    public static RpcException Busy(int waiting) => new(new Status(StatusCode.ResourceExhausted,
        $"{waiting} requests wait for a model already, which is the most (Serving:MaxWaiting); ask again later, or more instances."));

    private static string Cut(string text) => text.Length <= MostText ? text : $"{text[..MostText]}…";
}
