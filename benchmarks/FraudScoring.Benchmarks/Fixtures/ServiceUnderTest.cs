using System.Globalization;
using System.Text;
using Confluent.Kafka;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Hosting;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Monitoring;
using FraudScoring.V1;
using Google.Protobuf;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;

namespace FraudScoring.Benchmarks.Fixtures;

/// <summary>
/// The whole service inside this process, wired as it always is, with the embedded Redis and Kafka on free ports and with profiles that
/// were filled the way they are in service: through the topics.
/// </summary>
internal sealed class ServiceUnderTest : IAsyncDisposable
{
    // The embedded broker keeps the newest 5 MB of a partition: a producer far ahead of the consumer would lose records.
    private const int LongestLead = 8_000;
    private static readonly TimeSpan FillLimit = TimeSpan.FromMinutes(2);
    private static ServiceUnderTest? _shared;

    private readonly WebApplication _app;

    private ServiceUnderTest(WebApplication app, SimulatedHistory history)
    {
        _app = app;
        History = history;
        Channel = GrpcChannel.ForAddress($"http://{ServerAddresses.Find(app.Services.GetRequiredService<IServer>()).Grpc}");
    }

    /// <summary>What the profiles hold, and what to score.</summary>
    public SimulatedHistory History { get; }

    /// <summary>A connection over the loopback interface.</summary>
    public GrpcChannel Channel { get; }

    /// <summary>The service's own parts.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>The one service all benchmarks of a run share: to fill its profiles takes longer than to measure it.</summary>
    public static async Task<ServiceUnderTest> SharedAsync() => _shared ??= await StartAsync();

    /// <summary>Stops the shared service, if it was started.</summary>
    public static async Task StopSharedAsync()
    {
        if (_shared is { } shared)
        {
            _shared = null;
            await shared.DisposeAsync();
        }
    }

    /// <summary>Requests for the payments after the past, made now.</summary>
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
    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static async Task<ServiceUnderTest> StartAsync()
    {
        var app = Wiring.Build([], new Dictionary<string, string?>
        {
            ["Listen:Address"] = "127.0.0.1",
            ["Listen:GrpcPort"] = "0",
            ["Listen:HttpPort"] = "0",
            ["Logging:LogLevel:Default"] = "Error",
        });
        await app.StartAsync();
        var service = new ServiceUnderTest(app, SimulatedHistory.Before(TimeProvider.System.GetUtcNow()));
        await service.FillAsync();
        return service;
    }

    private async Task FillAsync()
    {
        var clients = Services.GetRequiredService<KafkaClients>();
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

    /// <summary>Counts what was sent to a topic, and compares it with what the service says it applied.</summary>
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
