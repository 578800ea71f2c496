// Scores one payment, and asks again with the same transaction id: the service counts it once.
//
//   dotnet run --project protos/samples/csharp -- [ADDRESS [BUDGET_MS]]
//
// ADDRESS is host:port of gRPC (localhost:50051). BUDGET_MS is the time for a payment, retries included (150).
using System.Globalization;
using FraudScoring.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;

var address = args.Length > 0 ? args[0] : "localhost:50051";
var budget = TimeSpan.FromMilliseconds(args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 150);

// The first call also resolves the name, connects and compiles code, for which the budget of a payment is too short.
var firstBudget = TimeSpan.FromSeconds(1);

// The budget is the deadline of the call, and all attempts share it. Only these statuses are repeated: the service did not decide the
// payment, or answers a repeated request as the first one. The library waits as long as the service says (grpc-retry-pushback-ms), and
// does not retry if that is negative. The tokens stop retries while most calls fail, so that retries do not add to an overload.
var retries = new ServiceConfig
{
    MethodConfigs =
    {
        new MethodConfig
        {
            Names = { new MethodName { Service = "fraud.scoring.v1.ScoringService" } },
            RetryPolicy = new RetryPolicy
            {
                MaxAttempts = 5, InitialBackoff = TimeSpan.FromMilliseconds(10), MaxBackoff = TimeSpan.FromMilliseconds(100),
                BackoffMultiplier = 2,
                RetryableStatusCodes = { StatusCode.Unavailable, StatusCode.ResourceExhausted, StatusCode.DeadlineExceeded },
            },
        },
    },
    RetryThrottling = new RetryThrottlingPolicy { MaxTokens = 10, TokenRatio = 0.1 },
};

// One channel for the whole program: it keeps its connection. A connection that was dropped without a word is noticed by the pings, before a
// payment needs it.
using var handler = new SocketsHttpHandler
{
    KeepAlivePingDelay = TimeSpan.FromSeconds(30), KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
    PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan, EnableMultipleHttp2Connections = true,
};
using var channel = GrpcChannel.ForAddress($"http://{address}", new GrpcChannelOptions
{
    HttpHandler = handler, ServiceConfig = retries,
    // After a failed attempt to connect, the next one follows within the budget of a payment.
    InitialReconnectBackoff = TimeSpan.FromMilliseconds(100), MaxReconnectBackoff = TimeSpan.FromSeconds(1),
});
var scoring = new ScoringService.ScoringServiceClient(channel);

// The id comes from the payment system and is the same in every request for the payment, also after a crash of this program.
var now = TimeProvider.System.GetUtcNow();
var payment = new Payment
{
    TransactionId = $"sample-{now.ToUnixTimeMilliseconds()}", EventTime = Timestamp.FromDateTimeOffset(now), Amount = "249.90",
    Currency = "EUR", CardToken = "card-1", MerchantId = "merchant-1", Channel = Channel.Ecommerce,
};

await DecideAsync(firstBudget);
await DecideAsync(budget);

// The decision on the payment. There always is one: a payment does not wait for longer than the budget.
async Task<Decision> DecideAsync(TimeSpan within)
{
    try
    {
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime + within;
        var response = await scoring.ScoreAsync(new ScoreRequest { Payment = payment }, deadline: deadline);
        var assessment = response.Assessment;
        var probability = assessment.HasFraudProbability
            ? assessment.FraudProbability.ToString("F4", CultureInfo.InvariantCulture)
            : "none";
        var reasons = assessment.Reasons.Count == 0 ? "none" : string.Join(", ", assessment.Reasons.Select(reason => reason.Code));
        Print(assessment.Decision, $"probability {probability} reasons {reasons}{(response.Replayed ? " (replayed)" : "")}");
        return assessment.Decision;
    }
    catch (RpcException e)
    {
        // Up to an amount, the payment is accepted. What is right depends on what you lose with each kind of error.
        var decision = decimal.Parse(payment.Amount, CultureInfo.InvariantCulture) <= 50 ? Decision.Approve : Decision.Review;
        Print(decision, $"without an answer: {e.StatusCode}: {e.Status.Detail}");
        return decision;
    }
}

static void Print(Decision decision, string text) => Console.WriteLine($"decision {decision} {text}");
