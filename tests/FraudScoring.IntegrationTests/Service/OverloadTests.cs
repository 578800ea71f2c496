using System.Net;
using System.Net.Sockets;
using System.Text;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.Server.Admission;
using FraudScoring.Server.Api;
using FraudScoring.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>
/// What the service does not answer in time it refuses, and does not decide. Redis stands still in these tests, so that payments stay in
/// flight for as long as the test needs them there.
/// </summary>
public sealed class OverloadTests
{
    private const int Flood = 5000;

    private readonly List<Task> _held = [];
    private RedisServer _redis = null!;
    private ServiceUnderTest _service = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _redis = await RedisServer.StartNewAsync();
        var backends = Backends.Real();
        await backends.StartKafkaAsync();
        _service = await ServiceUnderTest.StartAsync(backends, ("Redis:Configuration", _redis.Configuration),
            ("Redis:ReadTimeoutMs", "4000"), ("Scoring:BudgetMs", "10000"), ("Scoring:ReserveMs", "0"), ("Admission:MaxInFlight", "1"));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _service.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [TearDown]
    public async Task ThawAsync()
    {
        _redis.Thaw();
        await Task.WhenAll(_held).ContinueWith(_ => { }, TaskScheduler.Default);
        _held.Clear();
        await Eventually.IsTrueAsync(async () => await _service.MetricAsync("fraud_payments_in_flight") == 0
            && await _service.MetricAsync("fraud_redis_breaker_open") == 0);
    }

    [Test]
    public async Task MoreThanMayBeInFlight_IsRefused_OverGrpcJsonAndStreams_AndHealthIsNot()
    {
        await HoldOneAsync();
        var request = new ScoreRequest { Payment = ServiceUnderTest.NewPayment("refused") };
        var grpc = (await Assert.ThrowsAsync<RpcException>(
            async () => await _service.Scoring.ScoreAsync(request, deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(30))))!;
        using var json = await _service.Http.PostAsync(
            "/v1/score", new StringContent(Google.Protobuf.JsonFormatter.Default.Format(request), Encoding.UTF8, "application/json"));
        using var stream = _service.Scoring.ScoreStream();
        await stream.RequestStream.WriteAsync(request);
        Assert.That(await stream.ResponseStream.MoveNext(default), Is.True);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(grpc.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
            Assert.That(int.Parse(grpc.Trailers.GetValue(LoadRefusal.PushbackHeader)!), Is.InRange(10, 1500));
            Assert.That(json.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(json.Headers.RetryAfter!.Delta, Is.EqualTo(TimeSpan.FromSeconds(1)));
            Assert.That(await json.Content.ReadAsStringAsync(), Does.StartWith("""{"code":8,"message":"The service is overloaded"""));
            Assert.That(stream.ResponseStream.Current.Error.Code, Is.EqualTo((int)StatusCode.ResourceExhausted));
            Assert.That((await _service.Http.GetAsync("/health/live")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
    }

    [Test]
    public async Task ACallWhoseCallerLeaves_IsNotDecided_AndARetryIsScored()
    {
        var before = await _service.MetricAsync("fraud_cancelled_payments_total");
        using var leaving = new CancellationTokenSource();
        var request = new ScoreRequest { Payment = ServiceUnderTest.NewPayment("left") };
        await HoldOneAsync(request, leaving.Token);
        await leaving.CancelAsync();
        // The frames of a connection arrive in their order: with this answer, the cancellation has arrived, too.
        await new Grpc.Health.V1.Health.HealthClient(_service.GrpcChannel).CheckAsync(new Grpc.Health.V1.HealthCheckRequest());
        await Task.Delay(TimeSpan.FromMilliseconds(100));
        _redis.Thaw();
        await Eventually.IsTrueAsync(async () => await _service.MetricAsync("fraud_cancelled_payments_total") == before + 1);
        var answer = await _service.Scoring.ScoreAsync(request);
        Assert.That(answer.Replayed, Is.False, "there was no decision to repeat");
        await AssertDecidedOnceAsync("left");
    }

    [Test]
    public async Task ACallWhoseCallerLeavesBeforeItIsSent_IsCounted()
    {
        var before = await _service.MetricAsync("fraud_cancelled_payments_total");
        using var leaving = new CancellationTokenSource();
        using var http = new HttpClient();
        await SendHeadersAsync(http, 1, new TaskCompletionSource<byte[]>().Task, leaving.Token);
        await leaving.CancelAsync();
        await Eventually.IsTrueAsync(async () => await _service.MetricAsync("fraud_cancelled_payments_total") == before + 1);
    }

    /// <summary>Only payments whose message was read take the one place there is. The web server ends the others.</summary>
    [Test]
    public async Task MessagesThatAreNotSent_KeepNobodyFromBeingScored()
    {
        using var leaving = new CancellationTokenSource();
        using var http = new HttpClient();
        await SendHeadersAsync(http, 20, new TaskCompletionSource<byte[]>().Task, leaving.Token);
        var sockets = new List<Socket>();
        for (var i = 0; i < 20; i++)
        {
            sockets.Add(await SendHeadersAsync(length: 99));
        }
        var request = new ScoreRequest { Payment = ServiceUnderTest.NewPayment("next-to-unsent") };
        Assert.That((await _service.Scoring.ScoreAsync(request)).Assessment.Decision, Is.Not.EqualTo(Decision.Unspecified));
        request.Payment.TransactionId = "next-to-unsent-json";
        using var json = await _service.Http.PostAsync(
            "/v1/score", new StringContent(Google.Protobuf.JsonFormatter.Default.Format(request), Encoding.UTF8, "application/json"));
        Assert.That(json.StatusCode, Is.EqualTo(HttpStatusCode.OK), await json.Content.ReadAsStringAsync());
        foreach (var socket in sockets)
        {
            using var reader = new StreamReader(new NetworkStream(socket, ownsSocket: true));
            Assert.That(await reader.ReadLineAsync(), Is.EqualTo("HTTP/1.1 408 Request Timeout"));
        }
        await Eventually.IsTrueAsync(() => Task.FromResult(_held.TrueForAll(call => call.IsCompleted)));
    }

    /// <summary>Let through while there was a place, and refused when the message comes and the place is taken.</summary>
    [Test]
    public async Task AMessageThatComesWhenThePlaceIsTaken_IsRefused_WithTheTimeOfARetry()
    {
        var request = new ScoreRequest { Payment = ServiceUnderTest.NewPayment("too-late-sent") };
        var json = Encoding.UTF8.GetBytes(Google.Protobuf.JsonFormatter.Default.Format(request));
        var message = new TaskCompletionSource<byte[]>();
        using var http = new HttpClient();
        var call = (await SendHeadersAsync(http, 1, message.Task, CancellationToken.None))[0];
        using var socket = await SendHeadersAsync(json.Length);
        await HoldOneAsync();
        message.SetResult(FrameOf(request));
        await socket.SendAsync(json);
        using var reader = new StreamReader(new NetworkStream(socket));
        var head = new List<string>();
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            head.Add(line);
        }
        using var answer = await call;
        await answer.Content.ReadAsByteArrayAsync();
        var trailers = answer.TrailingHeaders.Concat(answer.Headers).ToDictionary(header => header.Key, header => header.Value.Single());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(head[0], Is.EqualTo("HTTP/1.1 503 Service Unavailable"));
            Assert.That(head, Does.Contain("Retry-After: 1"));
            Assert.That(trailers["grpc-status"], Is.EqualTo("8"));
            Assert.That(int.Parse(trailers[LoadRefusal.PushbackHeader]), Is.InRange(10, 1500));
        }
    }

    [Test]
    public async Task ACallWhoseDeadlinePasses_IsNotDecided_AndCounted()
    {
        var before = await OutOfTimeAsync();
        var request = new ScoreRequest { Payment = ServiceUnderTest.NewPayment("late") };
        _redis.Freeze();
        // A client of gRPC would end the call itself.
        using var body = new StringContent(Google.Protobuf.JsonFormatter.Default.Format(request), Encoding.UTF8, "application/json");
        body.Headers.Add(CallTimeout.Header, "40m");
        using var late = await _service.Http.PostAsync("/v1/score", body);
        Assert.That(late.StatusCode, Is.EqualTo(HttpStatusCode.GatewayTimeout));
        Assert.That(await OutOfTimeAsync(), Is.EqualTo(before + 1));
        _redis.Thaw();
        Assert.That((await _service.Scoring.ScoreAsync(request)).Replayed, Is.False);
        await AssertDecidedOnceAsync("late");
    }

    /// <summary>A web server may take many refused streams for an attack, and close the connection.</summary>
    [Test]
    public async Task ThousandsOfRefusals_LeaveTheConnectionOpen()
    {
        await HoldOneAsync();
        var connections = 0;
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (target, cancellationToken) =>
            {
                Interlocked.Increment(ref connections);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(target.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var channel = GrpcChannel.ForAddress(
            $"http://{_service.Addresses.Grpc}", new GrpcChannelOptions { HttpHandler = handler });
        var scoring = new V1.ScoringService.ScoringServiceClient(channel);
        var refused = 0;
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async caller =>
        {
            for (var i = 0; Volatile.Read(ref refused) < Flood; i++)
            {
                try
                {
                    await scoring.ScoreAsync(new ScoreRequest { Payment = ServiceUnderTest.NewPayment($"flood-{caller}-{i}") });
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }));
        Assert.That(connections, Is.EqualTo(1));
    }

    /// <summary>Begins calls of gRPC that send no message, and waits until the service has let them through.</summary>
    private async Task<List<Task<HttpResponseMessage>>> SendHeadersAsync(
        HttpClient http, int count, Task<byte[]> message, CancellationToken cancellationToken)
    {
        var calls = new List<Task<HttpResponseMessage>>();
        var before = await _service.MetricAsync("fraud_wait_seconds_count");
        for (var i = 0; i < count; i++)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, $"http://{_service.Addresses.Grpc}/fraud.scoring.v1.ScoringService/Score")
            {
                Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new SentLater(message) { Headers = { ContentType = new("application/grpc") } },
            };
            calls.Add(http.SendAsync(request, cancellationToken));
        }
        _held.AddRange(calls);
        await Eventually.IsTrueAsync(async () => await _service.MetricAsync("fraud_wait_seconds_count") == before + count);
        return calls;
    }

    /// <summary>Begins a request of JSON over a connection of its own, and waits until the service has let it through.</summary>
    private async Task<Socket> SendHeadersAsync(int length)
    {
        var before = await _service.MetricAsync("fraud_wait_seconds_count");
        var (address, socket) = (_service.Addresses.Http.Split(':'), new Socket(SocketType.Stream, ProtocolType.Tcp));
        await socket.ConnectAsync(address[0], int.Parse(address[1]));
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"));
        await Eventually.IsTrueAsync(async () => await _service.MetricAsync("fraud_wait_seconds_count") == before + 1);
        return socket;
    }

    /// <summary>A message as gRPC sends it: a byte for its compression, and its length.</summary>
    private static byte[] FrameOf(ScoreRequest request)
    {
        var message = request.ToByteArray();
        var frame = new byte[5 + message.Length];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    /// <summary>Stops Redis, and sends a payment that then stays in flight.</summary>
    private async Task HoldOneAsync(ScoreRequest? request = null, CancellationToken cancellationToken = default)
    {
        _redis.Freeze();
        request ??= new ScoreRequest { Payment = ServiceUnderTest.NewPayment($"held-{Guid.NewGuid():N}") };
        _held.Add(_service.Scoring.ScoreAsync(request, cancellationToken: cancellationToken).ResponseAsync);
        await Eventually.IsTrueAsync(async () => await _service.MetricAsync("fraud_payments_in_flight") == 1);
    }

    /// <summary>Payments whose time ran out, or would have.</summary>
    private async Task<double> OutOfTimeAsync() =>
        await _service.MetricAsync("""fraud_shed_total{class="payment",reason="expired"}""")
            + await _service.MetricAsync("""fraud_shed_total{class="payment",reason="deadline"}""")
            + await _service.MetricAsync("""fraud_shed_total{class="payment",reason="caller_deadline"}""");

    private async Task AssertDecidedOnceAsync(string id)
    {
        await _service.DecisionAsync(id);
        var records = await TopicReader.ReadAsync(_service.Kafka.BootstrapServers, _service.Kafka.Options.DecisionsTopic);
        var decided = records.Select(record => DecisionEvent.Parser.ParseFrom(record.Message.Value).Payment.TransactionId);
        Assert.That(decided.Count(decision => decision == id), Is.EqualTo(1));
    }

    /// <summary>The body of a request, which is sent when the task has it.</summary>
    private sealed class SentLater(Task<byte[]> body) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.FlushAsync(cancellationToken);
            await stream.WriteAsync(await body.WaitAsync(cancellationToken), cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
