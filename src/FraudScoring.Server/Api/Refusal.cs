using FraudScoring.Core.Payments;
using FraudScoring.Inference.UserModels;
using Grpc.Core;

namespace FraudScoring.Server.Api;

/// <summary>The one place where what is wrong with a request becomes a gRPC status.</summary>
internal static class Refusal
{
    // A status travels in a header, and clients take headers of 8 KiB.
    private const int MostText = 3000;

    /// <summary>Something in the message is wrong: INVALID_ARGUMENT names it all.</summary>
    public static RpcException Invalid(Faults faults) => new(new Status(StatusCode.InvalidArgument, Cut(faults.ToString())));

    /// <summary>There is no such model: NOT_FOUND lists what there is. What was asked for is not repeated.</summary>
    /// <param name="field">The message's field.</param>
    /// <param name="models">What there is.</param>
    public static RpcException UnknownModel(string field, IEnumerable<IServedModel> models)
    {
        var names = string.Join(", ", models.Select(model => $"{model.Id}"));
        return new(new Status(StatusCode.NotFound, Cut($"{field}: no such model, or no such version of it, is loaded; "
            + $"there {(names.Length == 0 ? "is none" : $"are {names}")}")));
    }

    /// <summary>A model gave no answer where it should have one: INTERNAL says what it gave.</summary>
    public static RpcException NoAnswer(IServedModel model, string what) => new(new Status(StatusCode.Internal, Cut(
        $"The model {model.Id} {what}. It is kept away from requests when it has done so several times in a row; "
            + "ask another version, or look at the model.")));

    /// <summary>A model is kept away from requests: UNAVAILABLE, since it is tried again.</summary>
    public static RpcException Quarantined(IServedModel model) => new(new Status(StatusCode.Unavailable,
        $"The model {model.Id} is in quarantine, since its last answers were none; it is tried again from time to time. "
            + "Ask another version meanwhile."));

    /// <summary>More runs wait than may.</summary>
    public static RpcException Busy(int waiting) => new(new Status(StatusCode.ResourceExhausted,
        $"{waiting} requests wait for a model already, which is the most (Serving:MaxWaiting); ask again later, or more instances."));

    private static string Cut(string text) => text.Length <= MostText ? text : $"{text[..MostText]}…";
}
