using System.Net;
using System.Text;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>Requests that wait for a thread for longer than they may, over HTTP/2 and HTTP/1.1.</summary>
public sealed class WaitingRequestsTests
{
    private const string Refused = """fraud_shed_total{class="payment",reason="wait"}""", Waited = "fraud_wait_seconds_sum";

    // A request waits behind as many, four times as long as it may, but not for an interval of 20 ms: each interval has requests.
    private static readonly int Items = 8 * Environment.ProcessorCount;

    private int _sent;

    [Test]
    public async Task Score_ThreadsAreBusy_IsRefused_UntilTheyNoLongerAre()
    {
        await using var service = await ServiceUnderTest.StartAsync(Backends.Real());
        var (refused, waited) = (await service.MetricAsync(Refused), await service.MetricAsync(Waited));
        using var channel = GrpcChannel.ForAddress($"http://{service.Addresses.Grpc}");
        var scoring = new V1.ScoringService.ScoringServiceClient(channel);
        await WithBusyThreadsAsync(() => Task.WhenAll(
            UntilRefusedAsync(() => ScoreAsync(scoring)), UntilRefusedAsync(() => ScoreAsync(service.Http))));
        await Eventually.IsTrueAsync(async () => (await ScoreAsync(scoring), await ScoreAsync(service.Http)) == (StatusCode.OK, StatusCode.OK));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await service.MetricAsync(Refused), Is.GreaterThanOrEqualTo(refused + 2));
            Assert.That(await service.MetricAsync(Waited), Is.GreaterThan(waited + 0.01));
        }
    }

    /// <summary>Runs it while the threads of the pool, which the service shares with the test, are busy and do not become more.</summary>
    private static async Task WithBusyThreadsAsync(Func<Task> run)
    {
        ThreadPool.GetMinThreads(out var leastWorkers, out var leastPorts);
        ThreadPool.GetMaxThreads(out var mostWorkers, out var mostPorts);
        using var never = new SemaphoreSlim(0);
        using var done = new CancellationTokenSource();
        using var left = new CountdownEvent(Items);
        try
        {
            ThreadPool.SetMinThreads(Environment.ProcessorCount, leastPorts);
            ThreadPool.SetMaxThreads(Environment.ProcessorCount, mostPorts);
            for (var i = 0; i < Items; i++)
            {
                Occupy();
            }
            await run();
        }
        finally
        {
            await done.CancelAsync();
            ThreadPool.SetMaxThreads(mostWorkers, mostPorts);
            ThreadPool.SetMinThreads(leastWorkers, leastPorts);
            left.Wait();
        }

        // Occupies a thread for a millisecond, again and again, behind everything else that waits.
        void Occupy() => ThreadPool.UnsafeQueueUserWorkItem(_ =>
        {
            never.Wait(1);
            if (done.IsCancellationRequested)
            {
                left.Signal();
            }
            else
            {
                Occupy();
            }
        }, null);
    }

    /// <summary>
    /// Sends requests at equal times, whether or not they are answered, until one is refused. The time of others may run out; nothing else
    /// may become of them.
    /// </summary>
    private static async Task UntilRefusedAsync(Func<Task<StatusCode>> score)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        var found = false;
        var sent = new List<Task<StatusCode>>();
        while (!Volatile.Read(ref found) && sent.Count < 2000)
        {
            await pause.WaitForNextTickAsync();
            sent.Add(SendAsync());
        }
        var became = (await Task.WhenAll(sent)).ToHashSet();
        Assert.That(became, Does.Contain(StatusCode.ResourceExhausted));
        Assert.That(became, Is.SubsetOf(new[] { StatusCode.OK, StatusCode.ResourceExhausted, StatusCode.DeadlineExceeded }));

        async Task<StatusCode> SendAsync()
        {
            var status = await score();
            if (status == StatusCode.ResourceExhausted)
            {
                Volatile.Write(ref found, true);
            }
            return status;
        }
    }

    private async Task<StatusCode> ScoreAsync(V1.ScoringService.ScoringServiceClient scoring)
    {
        try
        {
            await scoring.ScoreAsync(NewRequest());
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    private async Task<StatusCode> ScoreAsync(HttpClient http)
    {
        using var body = new StringContent(JsonFormatter.Default.Format(NewRequest()), Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync("/v1/score", body);
        return answer.StatusCode switch
        {
            HttpStatusCode.OK => StatusCode.OK,
            HttpStatusCode.ServiceUnavailable => StatusCode.ResourceExhausted,
            HttpStatusCode.GatewayTimeout => StatusCode.DeadlineExceeded,
            _ => StatusCode.Unknown,
        };
    }

    private ScoreRequest NewRequest() => new() { Payment = ServiceUnderTest.NewPayment($"waits-{Interlocked.Increment(ref _sent)}") };
}
