using System.Globalization;
using System.Text;
using Confluent.Kafka;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Monitoring;
using FraudScoring.TestKit.Services;
using FraudScoring.V1;
using Google.Protobuf;
using Grpc.Net.Client;

namespace FraudScoring.Benchmarks.Fixtures;

/// <summary>
/// The whole service in this process, wired as in production, with embedded Redis and Kafka on free ports. Profiles are filled through the
/// topics.
/// </summary>
internal sealed class FilledService : IAsyncDisposable
{
    // The embedded broker keeps the newest 5 MB of a partition, so a producer far ahead of the consumer would lose records.
    private const int LongestLead = 8_000;
    private static readonly TimeSpan FillLimit = TimeSpan.FromMinutes(2);
    private static FilledService? _shared;

    private readonly ServiceUnderTest _service;

    private FilledService(ServiceUnderTest service, BenchmarkHistory history)
    {
        (_service, History) = (service, history);
        // Without retries, which keep a copy of each request.
        Channel = GrpcChannel.ForAddress($"http://{service.Addresses.Grpc}");
    }

    /// <summary>The payments that fill the profiles, and those to score.</summary>
    public BenchmarkHistory History { get; }

    /// <summary>A gRPC channel over the loopback interface.</summary>
    public GrpcChannel Channel { get; }

    public IServiceProvider Services => _service.Services;

    /// <summary>The service that all benchmarks of a run share, because filling its profiles takes longer than measuring it.</summary>
    public static async Task<FilledService> SharedAsync() => _shared ??= await StartAsync();

    /// <summary>Stops the shared service if it was started.</summary>
    public static async Task StopSharedAsync()
    {
        if (_shared is { } shared)
        {
            _shared = null;
            await shared.DisposeAsync();
        }
    }

    /// <summary>Requests for the payments after the history, with the current time.</summary>
    public ScoreRequest[] Requests(ExplainMode explain)
    {
        var now = EventWriter.ToTimestamp(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        return Array.ConvertAll(History.Next, payment =>
        {
            var message = EventWriter.ToProto(payment);
            message.EventTime = now;
            return new ScoreRequest { Payment = message, Explain = explain };
        });
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        Channel.Dispose();
        return _service.DisposeAsync();
    }

    private static async Task<FilledService> StartAsync()
    {
        var running = await ServiceUnderTest.StartAsync(new Dictionary<string, string?> { ["Logging:LogLevel:Default"] = "Error" });
        var service = new FilledService(running, BenchmarkHistory.Before(TimeProvider.System.GetUtcNow()));
        await service.FillAsync();
        return service;
    }

    private async Task FillAsync()
    {
        var clients = _service.Kafka;
        var (payments, labels) = (new Published(clients.Options.TransactionsTopic), new Published(clients.Options.LabelsTopic));
        using var producer = clients.Producer(_ => { });
        using var limit = new CancellationTokenSource(FillLimit);
        foreach (var one in History.Past)
        {
            if (one.Payment is { } payment)
            {
                payments.Send(producer, payment.Card, new TransactionEvent { Payment = EventWriter.ToProto(payment) });
            }
            else
            {
                labels.Send(producer, one.Label!.Card ?? "", EventWriter.ToProto(one.Label));
            }
            if (payments.Lead >= LongestLead)
            {
                await payments.AppliedAsync(LongestLead / 2, limit.Token);
            }
        }
        producer.Flush(limit.Token);
        await payments.AppliedAsync(0, limit.Token);
        await labels.AppliedAsync(0, limit.Token);
    }

    /// <summary>Compares the number of records sent to a topic with the number that the service reports as applied.</summary>
    private sealed class Published(string topic)
    {
        private readonly double _before = ServerMetrics.EventsApplied.WithLabels(topic).Value;
        private long _sent;

        public long Lead => _sent - (long)(ServerMetrics.EventsApplied.WithLabels(topic).Value - _before);

        public void Send(IProducer<byte[], byte[]> producer, string key, IMessage message)
        {
            var record = new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(key), Value = message.ToByteArray() };
            producer.Produce(topic, record);
            _sent++;
        }

        public async Task AppliedAsync(long lead, CancellationToken limit)
        {
            try
            {
                while (Lead > lead)
                {
                    await Task.Delay(10, limit);
                }
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException(string.Create(
                    CultureInfo.InvariantCulture, $"{Lead:#,0} of {_sent:#,0} records of {topic} were not applied within {FillLimit}."));
            }
        }
    }
}
