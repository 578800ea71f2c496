using System.Text;
using Confluent.Kafka;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Features;
using FraudScoring.Server.Hosting;
using FraudScoring.Server.Kafka;
using FraudScoring.V1;
using Google.Protobuf;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Channel = FraudScoring.V1.Channel;
using Timestamp = Google.Protobuf.WellKnownTypes.Timestamp;

namespace FraudScoring.TestKit.Services;

/// <summary>The complete service with its usual wiring, inside this process and on free ports.</summary>
internal sealed class ServiceUnderTest : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;
    private readonly Lazy<IProducer<byte[], byte[]>> _producer;

    private ServiceUnderTest(WebApplication app)
    {
        _app = app;
        Addresses = ServerAddresses.Find(app.Services.GetRequiredService<IServer>());
        _channel = GrpcChannel.ForAddress($"http://{Addresses.Grpc}", RetryingChannel.Options);
        Scoring = new V1.ScoringService.ScoringServiceClient(_channel);
        Http = new HttpClient { BaseAddress = new Uri($"http://{Addresses.Http}") };
        Kafka = app.Services.GetRequiredService<KafkaClients>();
        _producer = new Lazy<IProducer<byte[], byte[]>>(() => Kafka.Producer(_ => { }));
    }

    public ServerAddresses Addresses { get; }

    public V1.ScoringService.ScoringServiceClient Scoring { get; }

    public GrpcChannel GrpcChannel => _channel;

    public HttpClient Http { get; }

    public KafkaClients Kafka { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>The active catalogue.</summary>
    public Core.Catalogue.ExchangeRates Rates => Services.GetRequiredService<DeploymentHost>().Current.Models.Rates.Current;

    public Core.Catalogue.FeatureCatalogue Catalogue => Services.GetRequiredService<DeploymentHost>().Current.Catalogue;

    /// <summary>Starts the service.</summary>
    /// <param name="settings">Options by "Section:Option". Ports are chosen here.</param>
    public static async Task<ServiceUnderTest> StartAsync(IReadOnlyDictionary<string, string?> settings)
    {
        var app = Wiring.Build([], new Dictionary<string, string?>(settings)
        {
            ["Listen:Address"] = "127.0.0.1",
            ["Listen:GrpcPort"] = "0",
            ["Listen:HttpPort"] = "0",
        });
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        return new ServiceUnderTest(app);
    }

    /// <summary>A valid e-commerce payment. By default it is made now.</summary>
    public static Payment NewPayment(string id, string card = "card-1", DateTimeOffset? at = null) => new()
    {
        TransactionId = id,
        EventTime = Timestamp.FromDateTimeOffset(at ?? TimeProvider.System.GetUtcNow()),
        Amount = "49.90",
        Currency = "EUR",
        CardToken = card,
        AccountToken = "account-of-" + card,
        DeviceToken = "device-of-" + card,
        IpAddress = "203.0.113.7",
        MerchantId = "merchant-1",
        MerchantCategory = "5732",
        Country = "DE",
        Channel = Channel.Ecommerce,
    };

    /// <summary>Publishes a payment's event and waits for the broker to acknowledge it.</summary>
    public Task<DeliveryResult<byte[], byte[]>> PublishAsync(Payment payment) =>
        PublishAsync(Kafka.Options.TransactionsTopic, payment.CardToken, new TransactionEvent { Payment = payment }.ToByteArray());

    /// <summary>Publishes a label and waits for the broker to acknowledge it.</summary>
    public Task<DeliveryResult<byte[], byte[]>> PublishAsync(LabelEvent label) =>
        PublishAsync(Kafka.Options.LabelsTopic, label.CardToken, label.ToByteArray());

    /// <summary>Publishes a record and waits for the broker to acknowledge it.</summary>
    public Task<DeliveryResult<byte[], byte[]>> PublishAsync(string topic, string key, byte[] value) =>
        _producer.Value.ProduceAsync(topic, new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(key), Value = value });

    /// <summary>Removes transactions from Redis, as if they were older than Redis:TransactionHorizonMinutes.</summary>
    public Task ForgetAsync(IReadOnlyCollection<string> transactionIds)
    {
        var (keys, redis) = (Services.GetRequiredService<DeploymentHost>().Current.Keys, Services.GetRequiredService<RedisConnections>());
        // One by one: in a cluster, a command's keys must be in one slot.
        return Task.WhenAll(transactionIds.Select(id => redis.Writing.GetDatabase().KeyDeleteAsync(keys.Transaction(keys.HashTransaction(id)))));
    }

    /// <summary>Scores a payment, again if its history was not read in time, which happens on a busy machine.</summary>
    public async Task<ScoreResponse> ScoreWithHistoryAsync(ScoreRequest request)
    {
        var response = await Scoring.ScoreAsync(request);
        for (var retry = 0; retry < 10 && response.Assessment.Degradations.Contains(Degradation.MissingFeatures); retry++)
        {
            response = await Scoring.ScoreAsync(request);
        }
        return response;
    }

    /// <summary>Scores a payment and returns one of its features from the decision's record.</summary>
    public async Task<float> FeatureAsync(Payment payment, string feature)
    {
        var response = await ScoreWithHistoryAsync(new ScoreRequest { Payment = payment });
        var id = response.Assessment.DecisionId;
        var record = await FindAsync(decisions => decisions.Find(decision => decision.Assessment.DecisionId == id), $"Decision {id}");
        return record.Features[Catalogue.IndexOf(feature)];
    }

    /// <summary>The record of a decision. Waits until it is in the topic.</summary>
    public async Task<DecisionEvent> DecisionAsync(string transactionId) => (await DecisionsAsync([transactionId]))[0];

    /// <summary>The last record of each decision, in the order of the ids. Waits until all are in the topic.</summary>
    public Task<DecisionEvent[]> DecisionsAsync(IReadOnlyList<string> transactionIds) => FindAsync(
        decisions =>
        {
            var byTransaction = decisions.ToLookup(decision => decision.Payment.TransactionId);
            return transactionIds.All(byTransaction.Contains) ? transactionIds.Select(id => byTransaction[id].Last()).ToArray() : null;
        },
        $"A decision for one of {string.Join(", ", transactionIds)}");

    /// <summary>The value of a metric's sample, such as <c>fraud_events_applied_total{topic="…"}</c>; 0 if it is missing.</summary>
    public async Task<double> MetricAsync(string sample) => PrometheusText.Value(await Http.GetStringAsync("/metrics"), sample);

    public async ValueTask DisposeAsync()
    {
        if (_producer.IsValueCreated)
        {
            _producer.Value.Dispose();
        }
        Http.Dispose();
        _channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task<T> FindAsync<T>(Func<List<DecisionEvent>, T?> find, string wanted)
        where T : class
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            var records = await TopicReader.ReadAsync(Kafka.BootstrapServers, Kafka.Options.DecisionsTopic);
            if (find([.. records.Select(record => DecisionEvent.Parser.ParseFrom(record.Message.Value))]) is { } found)
            {
                return found;
            }
            await Task.Delay(50);
        }
        throw new TimeoutException($"{wanted} is not in {Kafka.Options.DecisionsTopic}.");
    }
}
