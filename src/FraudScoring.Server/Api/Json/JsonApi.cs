using System.Text;
using FraudScoring.Core.Payments;
using FraudScoring.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Channel = FraudScoring.V1.Channel;
using Payment = FraudScoring.V1.Payment;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace FraudScoring.Server.Api.Json;

/// <summary>The JSON API: each method that has an HTTP path, and the document that describes them.</summary>
internal static class JsonApi
{
    /// <summary>The path of the OpenAPI document.</summary>
    public const string DocumentPath = "/openapi.json";

    // The file protos/openapi.json, which a test compares with the messages.
    private const string Document = "FraudScoring.Server.openapi.json";

    private const int WarmUps = 100;

    /// <summary>Adds the endpoints.</summary>
    public static void Map(IEndpointRouteBuilder endpoints, JsonSettings settings)
    {
        var services = endpoints.ServiceProvider;
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(JsonApi));
        Map<ScoreRequest, ScoreResponse>(V1.ScoringService.Descriptor, nameof(ScoringService.Score),
            (request, faults) => Scoring().Check(request, faults), (request, context) => Scoring().ScoreAsync(request, context));
        Map<ShowFeaturesRequest, ShowFeaturesResponse>(V1.FeatureService.Descriptor, nameof(FeatureService.ShowFeatures),
            (request, faults) => Features().Check(request, faults), (request, _) => Features().ShowAsync(request));
        Map<EraseEntitiesRequest, EraseEntitiesResponse>(V1.FeatureService.Descriptor, nameof(FeatureService.EraseEntities),
            FeatureService.Check, (request, context) => Features().EraseAsync(request, context.RequestAborted));
        endpoints.MapFallback("/v1/{*path}", context => JsonAnswer.WriteErrorAsync(context, StatusCodes.Status404NotFound,
            StatusCode.Unimplemented, $"There is no such path; {DocumentPath} lists those that there are.", []));
        endpoints.MapGet(DocumentPath, () => Results.Bytes(ReadDocument(), "application/json"));

        // Not before the first request: they need what the start opens.
        ScoringService Scoring() => services.GetRequiredService<ScoringService>();
        FeatureService Features() => services.GetRequiredService<FeatureService>();

        void Map<TRequest, TResponse>(ServiceDescriptor service, string name, Action<TRequest, Faults> check,
            Func<TRequest, HttpContext, Task<TResponse>> call)
            where TRequest : IMessage, new()
            where TResponse : IMessage
        {
            var method = new JsonMethod<TRequest, TResponse>(service.FindMethodByName(name), check, call, settings, log);
            endpoints.Map(method.Path, method.InvokeAsync);
        }
    }

    /// <summary>Reads a request and formats an answer many times, so that the first caller meets compiled code.</summary>
    public static void WarmUp()
    {
        var request = new ScoreRequest
        {
            Payment = new Payment
            {
                TransactionId = "warm-up", EventTime = new Timestamp { Seconds = 1 }, Amount = "1", Currency = "EUR", CardToken = "warm-up",
                MerchantId = "warm-up", Channel = Channel.Ecommerce,
            },
        };
        var answer = new ScoreResponse
        {
            Assessment = new Assessment { FraudProbability = 0.5, Reasons = { new Reason() }, MemberScores = { new MemberScore() } },
        };
        var body = Encoding.UTF8.GetBytes(JsonAnswer.Format(request));
        for (var i = 0; i < WarmUps; i++)
        {
            JsonMessage.Read(body, new ScoreRequest(), ignoresUnknown: false, []);
            JsonAnswer.Format(answer);
        }
    }

    private static byte[] ReadDocument()
    {
        using var resource = typeof(JsonApi).Assembly.GetManifestResourceStream(Document)
            ?? throw new InvalidOperationException($"{Document} is not embedded.");
        using var bytes = new MemoryStream();
        resource.CopyTo(bytes);
        return bytes.ToArray();
    }
}
