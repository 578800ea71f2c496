using System.Collections.Concurrent;
using System.Diagnostics;
using Confluent.Kafka;
using FraudScoring.IntegrationTests.Fixtures;
using FraudScoring.V1;
using Grpc.Core;

namespace FraudScoring.IntegrationTests.Service;

/// <summary>A stop ends streams, answers what is in progress, delivers its decisions, and frees the partitions.</summary>
public sealed class ShutdownTests
{
    private readonly Backends _backends = Backends.Real();
    private readonly ConcurrentBag<string> _answered = [];

    [Test]
    public async Task Stop_UnderLoadWithOpenStreams_EndsThem_AndKeepsEveryAnsweredDecision()
    {
        await _backends.StartAsync();
        await using var service = await ServiceProcess.StartAsync(_backends, "stop");
        using var busy = service.Scoring.ScoreStream();
        using var idle = service.Scoring.ScoreStream();
        using var unread = service.Scoring.ScoreStream();
        var (sending, reading) = (SendAsync(busy, "busy"), ReadAsync(busy));
        var (waiting, calling) = (ReadAsync(idle), CallAsync(service));
        await SendAsync(unread, "unread");
        await Eventually.IsTrueAsync(() => _answered.Count > 200);

        var clock = Stopwatch.StartNew();
        var stopping = service.StopAsync();
        var ends = await Task.WhenAll(reading, waiting);
        var ended = clock.Elapsed;
        await stopping;
        var exited = clock.Elapsed;
        var called = await calling;
        await sending;
        await TestContext.Out.WriteLineAsync($"streams ended after {ended}, the process after {exited}");
        using (Assert.EnterMultipleScope())
        {
            // A slow machine may take longer than the second that a stop takes; without the end of streams it is half a minute.
            Assert.That(ended, Is.LessThan(TimeSpan.FromSeconds(5)));
            Assert.That(exited, Is.LessThan(TimeSpan.FromSeconds(15)));
            Assert.That(ends.Select(end => end.StatusCode), Is.All.EqualTo(StatusCode.Unavailable));
            Assert.That(ends.Select(end => end.Detail), Is.All.Contains("Retry on another instance"));
            Assert.That(called.StatusCode, Is.EqualTo(StatusCode.Unavailable));
            Assert.That(await MembersAsync(), Is.Empty);
            Assert.That(await MissingDecisionsAsync(), Is.Empty);
        }
    }

    /// <summary>Sends payments until the stream ends, or no more are accepted because nobody reads the answers.</summary>
    private static async Task SendAsync(AsyncDuplexStreamingCall<ScoreRequest, ScoreStreamResponse> stream, string name)
    {
        try
        {
            for (var i = 0; ; i++)
            {
                var payment = ServiceUnderTest.NewPayment($"{name}-{i}", $"card-{i % 50}");
                await stream.RequestStream.WriteAsync(new ScoreRequest { Payment = payment }).WaitAsync(TimeSpan.FromSeconds(2));
                await Task.Yield();
            }
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or TimeoutException)
        {
            // The stream has ended or is full.
        }
    }

    private async Task<Status> ReadAsync(AsyncDuplexStreamingCall<ScoreRequest, ScoreStreamResponse> stream)
    {
        try
        {
            await foreach (var answer in stream.ResponseStream.ReadAllAsync())
            {
                if (answer.OutcomeCase == ScoreStreamResponse.OutcomeOneofCase.Response)
                {
                    _answered.Add(answer.TransactionId);
                }
            }
            return Status.DefaultSuccess;
        }
        catch (RpcException e)
        {
            return e.Status;
        }
    }

    /// <summary>Scores payments one after the other until one is refused for another reason than load.</summary>
    private async Task<Status> CallAsync(ServiceProcess service)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                var payment = ServiceUnderTest.NewPayment($"call-{i}");
                _answered.Add((await service.Scoring.ScoreAsync(new ScoreRequest { Payment = payment })).Assessment.TransactionId);
            }
            catch (RpcException e) when (e.StatusCode is not (StatusCode.ResourceExhausted or StatusCode.DeadlineExceeded))
            {
                return e.Status;
            }
            catch (RpcException)
            {
                // The streams take all that the machine has.
            }
        }
    }

    private async Task<List<string>> MembersAsync()
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _backends.BootstrapServers }).Build();
        var groups = (await admin.ListConsumerGroupsAsync()).Valid.Select(group => group.GroupId)
            .Where(group => group.StartsWith(_backends.Prefix, StringComparison.Ordinal)).ToList();
        Assert.That(groups, Has.Count.EqualTo(2));
        var described = await admin.DescribeConsumerGroupsAsync(groups);
        return [.. described.ConsumerGroupDescriptions.SelectMany(group => group.Members).Select(member => member.ConsumerId)];
    }

    private async Task<List<string>> MissingDecisionsAsync()
    {
        var records = await _backends.ReadTopicAsync(_backends.Prefix + "fraud.decisions");
        var recorded = records.Select(record => DecisionEvent.Parser.ParseFrom(record.Message.Value).Payment.TransactionId).ToHashSet();
        return [.. _answered.Where(id => !recorded.Contains(id))];
    }
}
