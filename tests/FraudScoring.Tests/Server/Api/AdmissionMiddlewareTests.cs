using System.Diagnostics;
using System.Text;
using FraudScoring.Oip;
using FraudScoring.Server.Admission;
using FraudScoring.Server.Api;
using FraudScoring.Server.Scoring;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace FraudScoring.Tests.Server.Api;

/// <summary>What a refused request gets, and that nothing runs for it.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AdmissionMiddlewareTests
{
    private const string Score = "/fraud.scoring.v1.ScoringService/Score";
    private static readonly long Ms = Stopwatch.Frequency / 1000;

    // A long target, so that a pause of the machine is no interval without requests.
    private readonly AdmissionControl _admission = new(
        new AdmissionOptions { MaxInFlight = 1, TargetWaitMs = 50 }, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(10));

    private readonly StoppableLifetime _lifetime = new();
    private readonly List<HttpContext> _taken = [];

    [Test]
    public async Task AnOverload_RefusesOverGrpc_WithTrailersOnlyAndAPushback()
    {
        Overload();
        // So late that it is after every retry.
        var context = await SendAsync(Score, waitedMs: 150, timeout: "5S");
        var headers = context.Response.Headers;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_taken, Is.Empty);
            Assert.That(context.Response.StatusCode, Is.EqualTo(200));
            Assert.That(headers.ContentType.ToString(), Is.EqualTo("application/grpc"));
            Assert.That(headers.GrpcStatus.ToString(), Is.EqualTo("8"));
            Assert.That(headers.GrpcMessage.ToString(), Does.Contain("overloaded"));
            Assert.That(int.Parse(headers[LoadRefusal.PushbackHeader].ToString()), Is.InRange(250, 1500));
            Assert.That(context.Response.Body.Length, Is.Zero);
        }
    }

    /// <summary>Clients retry as long as the pushback is not negative, even after their deadline would have passed.</summary>
    [TestCase("200m")]
    [TestCase("160m")]
    public async Task ARetryAfterTheDeadline_IsForbidden(string timeout)
    {
        Overload();
        var context = await SendAsync(Score, waitedMs: 150, timeout);
        Assert.That(context.Response.Headers[LoadRefusal.PushbackHeader].ToString(), Is.EqualTo("-1"));
    }

    [Test]
    public async Task AnOverload_RefusesOverJson_With503AndRetryAfter()
    {
        Overload();
        var context = await SendAsync("/v1/score", waitedMs: 150, contentType: "application/json");
        var body = Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_taken, Is.Empty);
            Assert.That(context.Response.StatusCode, Is.EqualTo(503));
            Assert.That(context.Response.Headers.RetryAfter.ToString(), Is.EqualTo("1"));
            Assert.That(body, Is.EqualTo(
                """{"code":8,"message":"The service is overloaded; the request was not processed. Retry later.","details":[]}"""));
            Assert.That(context.Response.ContentLength, Is.EqualTo(body.Length));
        }
    }

    [Test]
    public async Task TooManyInFlight_AreRefused_AndOtherRequestsAreNot()
    {
        Hold();
        Assert.That((await SendAsync(Score, waitedMs: 0)).Response.Headers.GrpcStatus.ToString(), Is.EqualTo("8"));
        await SendAsync("/fraud.scoring.v1.FeatureService/ShowFeatures", waitedMs: 0);
        Assert.That(_taken, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task TheDeadline_CountsFromTheArrival_AndIsTheShorterOfBudgetAndTimeout()
    {
        var (byBudget, byTimeout) = (await SendAsync(Score, waitedMs: 30), await SendAsync(Score, waitedMs: 30, timeout: "60m"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(DeadlineMs(byBudget), Is.EqualTo(100).Within(0.01));
            Assert.That(DeadlineMs(byTimeout), Is.EqualTo(60).Within(0.01));
            Assert.That(byTimeout.Request.Headers.ContainsKey(CallTimeout.Header), Is.False, "gRPC would count it from now, with a timer");
        }
    }

    [Test]
    public async Task ADeadlineThatPassedWhileTheRequestWaited_IsRefusedAsThat()
    {
        Assert.That((await SendAsync(Score, waitedMs: 30, timeout: "20m")).Response.Headers.GrpcStatus.ToString(), Is.EqualTo("4"));
        var json = await SendAsync("/v1/score", waitedMs: 200, contentType: "application/json");
        Assert.That(json.Response.StatusCode, Is.EqualTo(504));
        Assert.That(_taken, Is.Empty);
    }

    [Test]
    public async Task ACallThatItsCallerHasCancelled_IsDropped()
    {
        await SendAsync(Score, waitedMs: 0, prepare: context => context.RequestAborted = new CancellationToken(canceled: true));
        Assert.That(_taken, Is.Empty);
    }

    [TestCase("application/grpc", 200, "14")]
    [TestCase("application/json", 503, "")]
    public async Task APayment_WhileTheServiceStops_IsRefusedForARetryOnAnotherInstance(string contentType, int http, string grpc)
    {
        _lifetime.Stop();
        var context = await SendAsync(Score, waitedMs: 0, contentType: contentType);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_taken, Is.Empty);
            Assert.That(context.Response.StatusCode, Is.EqualTo(http));
            Assert.That(context.Response.Headers.GrpcStatus.ToString(), Is.EqualTo(grpc));
            Assert.That(context.Response.Headers.ContainsKey(LoadRefusal.PushbackHeader), Is.False);
        }
    }

    [TestCase("/v1/score", "/v1/score/", "/V1/Score")]
    [TestCase(Score, Score + "/", "/Fraud.Scoring.V1.scoringservice/SCORE")]
    public void Kind_AsInRouting_IgnoresCaseAndASlash(params string[] paths) =>
        Assert.That(paths.Select(RequestKinds.Of), Is.All.EqualTo(RequestKind.Payment));

    [TestCase("/grpc.health.v1.Health/Check")]
    [TestCase("/health/ready")]
    [TestCase("/health/live")]
    [TestCase("/metrics")]
    [TestCase("/inference.GRPCInferenceService/ServerLive")]
    [TestCase("/v2/health/ready")]
    [TestCase("/fraud.scoring.v1.ScoringService/ScoreStream")]
    public async Task HealthMetricsAndStreams_AreAlwaysTaken(string path)
    {
        Overload();
        Hold();
        await SendAsync(path, waitedMs: 500);
        Assert.That(_taken, Has.Count.EqualTo(1));
    }

    [Test]
    public void Kind_OfEveryMethod_IsKnown()
    {
        FileDescriptor[] files = [V1.ScoringReflection.Descriptor, V1.FeaturesReflection.Descriptor, InferenceReflection.Descriptor];
        var methods = files.SelectMany(file => file.Services).SelectMany(service => service.Methods)
            .Select(method => $"/{method.Service.FullName}/{method.Name}").ToLookup(RequestKinds.Of);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(methods[RequestKind.Payment], Is.EqualTo(new[] { Score }));
            Assert.That(methods[RequestKind.Unlimited], Is.EquivalentTo(new[]
            {
                "/fraud.scoring.v1.ScoringService/ScoreStream", "/inference.GRPCInferenceService/ServerLive",
                "/inference.GRPCInferenceService/ServerReady", "/inference.GRPCInferenceService/ServerMetadata",
            }));
        }
    }

    /// <summary>Lets all requests of two intervals wait for longer than the target.</summary>
    private void Overload()
    {
        var now = Stopwatch.GetTimestamp();
        for (var at = now - (1100 * Ms); at < now; at += 5 * Ms)
        {
            _admission.Check(at, at - (150 * Ms));
        }
    }

    private void Hold() => Assert.That(
        _admission.Enter(new PaymentCall(Stopwatch.GetTimestamp(), 100 * Ms, CancellationToken.None), Stopwatch.GetTimestamp()), Is.Null);

    private async Task<HttpContext> SendAsync(
        string path, int waitedMs, string? timeout = null, string contentType = "application/grpc", Action<HttpContext>? prepare = null)
    {
        var (context, stamps) = (new DefaultHttpContext(), new ArrivalStamps(isHttp2: true));
        stamps.Stamp(1, Stopwatch.GetTimestamp() - (waitedMs * Ms));
        context.Features.Set(stamps);
        context.Features.Set<IHttp2StreamIdFeature>(new StreamOne());
        (context.Request.Path, context.Request.ContentType, context.Response.Body) = (path, contentType, new MemoryStream());
        context.Request.Headers[CallTimeout.Header] = timeout;
        prepare?.Invoke(context);
        await new AdmissionMiddleware(
            Take, _admission, new QueueProbe(), new ScoringOptions(), _lifetime, NullLogger<AdmissionMiddleware>.Instance)
            .InvokeAsync(context);
        return context;

        Task Take(HttpContext taken)
        {
            _taken.Add(taken);
            return Task.CompletedTask;
        }
    }

    private static double DeadlineMs(HttpContext context)
    {
        var call = context.Features.GetRequiredFeature<PaymentCall>();
        return Stopwatch.GetElapsedTime(call.Arrived, call.Deadline).TotalMilliseconds;
    }

    private sealed class StoppableLifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => default;

        public CancellationToken ApplicationStopping { get; private set; }

        public CancellationToken ApplicationStopped => default;

        public void Stop() => ApplicationStopping = new CancellationToken(canceled: true);

        public void StopApplication() => Stop();
    }

    private sealed class StreamOne : IHttp2StreamIdFeature
    {
        public int StreamId => 1;
    }
}
