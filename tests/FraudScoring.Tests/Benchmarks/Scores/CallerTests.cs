using System.Net;
using FraudScoring.LoadTest.Scores;
using FraudScoring.TestKit.Services;
using FraudScoring.V1;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FraudScoring.Tests.Benchmarks.Scores;

/// <summary>The callers of the load test against a gRPC service whose answer the transaction id names.</summary>
public sealed class CallerTests
{
    private const string Scored = "scored", Refused = "refused", Stuck = "stuck";
    private readonly int _port = Ports.Free();
    private WebApplication _service = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, _port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        _service = builder.Build();
        _service.MapGrpcService<FakeScoring>();
        await _service.StartAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _service.DisposeAsync();

    [Test]
    public async Task Unary_Answers_AreScoredOrRefused()
    {
        using var caller = UnaryCaller.OfService(_port, TimeSpan.FromMinutes(1), connections: 2, Answer.OfService);
        await AssertAnswersAsync(caller);
    }

    [Test]
    public async Task Stream_Answers_AreScoredOrRefused()
    {
        using var caller = new StreamCaller(_port, connections: 2);
        await AssertAnswersAsync(caller);
    }

    [Test]
    public async Task Unary_NoAnswerUntilTheDeadline_Expires()
    {
        using var caller = UnaryCaller.OfService(_port, TimeSpan.FromMilliseconds(50), connections: 1, Answer.OfService);
        var answer = await caller.CallAsync(Request(Stuck), CancellationToken.None);
        // The service ends the call at its deadline, too. Either may be first.
        Assert.That(answer, Is.EqualTo(new Answer(Outcome.Expired))
            .Or.EqualTo(new Answer(Outcome.Refused, StatusCode.DeadlineExceeded)));
    }

    [Test]
    public async Task Unary_WithAnotherTimeout_IsRefusedAtThatTime()
    {
        using var caller = UnaryCaller.OfService(
            _port, TimeSpan.FromMinutes(1), connections: 1, Answer.OfService, timeout: TimeSpan.FromMicroseconds(1));
        Assert.That(await caller.CallAsync(Request(Stuck), CancellationToken.None),
            Is.EqualTo(new Answer(Outcome.Refused, StatusCode.DeadlineExceeded)));
    }

    [Test]
    public async Task Unary_NobodyListens_Fails()
    {
        using var caller = UnaryCaller.OfService(Ports.Free(), TimeSpan.FromMinutes(1), connections: 1, Answer.OfService);
        Assert.That((await caller.CallAsync(Request(Scored), CancellationToken.None)).Outcome, Is.EqualTo(Outcome.Failed));
    }

    [Test]
    public async Task Stream_Cancelled_Expires()
    {
        using var caller = new StreamCaller(_port, connections: 1);
        using var ending = new CancellationTokenSource();
        var answer = caller.CallAsync(Request(Stuck), ending.Token);
        await ending.CancelAsync();
        Assert.That((await answer).Outcome, Is.EqualTo(Outcome.Expired));
    }

    private static async Task AssertAnswersAsync(ICaller caller)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(
            i => caller.CallAsync(Request($"{(i % 4 == 0 ? Refused : Scored)}-{i}"), CancellationToken.None)));
        Assert.That(answers.Where((_, i) => i % 4 == 0), Is.All.EqualTo(new Answer(Outcome.Refused, StatusCode.ResourceExhausted)));
        Assert.That(answers.Where((_, i) => i % 4 != 0), Is.All.EqualTo(
            new Answer(Outcome.Scored, Degradation: Degradation.None, Decision: Decision.Review)));
    }

    private static byte[] Request(string id) => new ScoreRequest { Payment = new Payment { TransactionId = id } }.ToByteArray();

    private sealed class FakeScoring : ScoringService.ScoringServiceBase
    {
        public override async Task<ScoreResponse> Score(ScoreRequest request, ServerCallContext context)
        {
            if (request.Payment.TransactionId == Stuck)
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            }
            return IsRefused(request) ? throw new RpcException(new Status(StatusCode.ResourceExhausted, "busy")) : Response(request);
        }

        public override async Task ScoreStream(
            IAsyncStreamReader<ScoreRequest> requests, IServerStreamWriter<ScoreStreamResponse> responses, ServerCallContext context)
        {
            await foreach (var request in requests.ReadAllAsync())
            {
                var response = new ScoreStreamResponse { TransactionId = request.Payment.TransactionId };
                if (IsRefused(request))
                {
                    response.Error = new ScoreError { Code = (int)StatusCode.ResourceExhausted };
                }
                else
                {
                    response.Response = Response(request);
                }
                if (request.Payment.TransactionId != Stuck)
                {
                    await responses.WriteAsync(response);
                }
            }
        }

        private static bool IsRefused(ScoreRequest request) => request.Payment.TransactionId.StartsWith(Refused, StringComparison.Ordinal);

        private static ScoreResponse Response(ScoreRequest request) => new()
        {
            Assessment = new Assessment
            {
                TransactionId = request.Payment.TransactionId, FraudProbability = 0.5, Decision = Decision.Review,
                Degradation = Degradation.None,
            },
        };
    }
}
