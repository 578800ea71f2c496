using System.Globalization;
using System.Text;
using Confluent.Kafka;
using FraudScoring.Server.Deployments;
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

namespace FraudScoring.IntegrationTests.Fixtures;

/// <summary>The whole service, as it is wired, on free ports, with topics and keys of its own.</summary>
internal sealed class ServiceUnderTest : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;
    private readonly IProducer<byte[], byte[]> _producer;

    private ServiceUnderTest(WebApplication app)
    {
        _app = app;
        Addresses = ServerAddresses.Find(app.Services.GetRequiredService<IServer>());
        _channel = GrpcChannel.ForAddress($"http://{Addresses.Grpc}");
        Scoring = new V1.ScoringService.ScoringServiceClient(_channel);
        Http = new HttpClient { BaseAddress = new Uri($"http://{Addresses.Http}") };
        Kafka = app.Services.GetRequiredService<KafkaClients>();
        _producer = Kafka.Producer(_ => { });
    }

    public ServerAddresses Addresses { get; }

    public V1.ScoringService.ScoringServiceClient Scoring { get; }

    public GrpcChannel GrpcChannel => _channel;

    public HttpClient Http { get; }

    public KafkaClients Kafka { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>The catalogue in service.</summary>
    public Core.Catalogue.FeatureCatalogue Catalogue => Services.GetRequiredService<DeploymentHost>().Current.Catalogue;

    /// <summary>Starts it against these backends.</summary>
    public static async Task<ServiceUnderTest> StartAsync(Backends backends, params (string Key, string Value)[] settings)
    {
        string[] topics =
            ["payments.transactions", "fraud.labels", "fraud.decisions", "payments.transactions.dead-letter", "fraud.labels.dead-letter"];
        foreach (var topic in topics)
        {
            await backends.TopicAsync(topic);
        }
        var all = new Dictionary<string, string?>
        {
            ["Listen:Address"] = "127.0.0.1",
            ["Listen:GrpcPort"] = "0",
            ["Listen:HttpPort"] = "0",
            ["Redis:Configuration"] = backends.RedisConfiguration,
            ["Redis:EntityHashSecret"] = "a secret of the tests",
            ["Redis:KeyPrefix"] = backends.Prefix + "fraud",
            ["Redis:ReadTimeoutMs"] = "2000",
            ["Scoring:BudgetMs"] = "5000",
            ["Scoring:MaxEventAgeHours"] = "87600",
            ["Kafka:BootstrapServers"] = backends.BootstrapServers,
            ["Kafka:GroupId"] = backends.Prefix + "group",
            ["Kafka:TransactionsTopic"] = backends.Prefix + "payments.transactions",
            ["Kafka:LabelsTopic"] = backends.Prefix + "fraud.labels",
            ["Kafka:DecisionsTopic"] = backends.Prefix + "fraud.decisions",
            ["Logging:LogLevel:Default"] = "Warning",
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }
        var app = Wiring.Build([], all);
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

    /// <summary>A valid e-commerce payment, made now.</summary>
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

    /// <summary>Writes a payment's event, waiting for the broker.</summary>
    public Task<DeliveryResult<byte[], byte[]>> PublishAsync(Payment payment) =>
        PublishAsync(Kafka.Options.TransactionsTopic, payment.CardToken, new TransactionEvent { Payment = payment }.ToByteArray());

    /// <summary>Writes a label, waiting for the broker.</summary>
    public Task<DeliveryResult<byte[], byte[]>> PublishAsync(LabelEvent label) =>
        PublishAsync(Kafka.Options.LabelsTopic, label.CardToken, label.ToByteArray());

    /// <summary>Writes any record, waiting for the broker.</summary>
    public Task<DeliveryResult<byte[], byte[]>> PublishAsync(string topic, string key, byte[] value) =>
        _producer.ProduceAsync(topic, new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(key), Value = value });

    /// <summary>Scores a payment and gives one of the features it was scored with, from the decision's record.</summary>
    public async Task<float> FeatureAsync(Payment payment, string feature)
    {
        await Scoring.ScoreAsync(new ScoreRequest { Payment = payment });
        var record = await DecisionAsync(payment.TransactionId);
        return record.Features[Catalogue.IndexOf(feature)];
    }

    /// <summary>The record of a decision, once it is in its topic.</summary>
    public async Task<DecisionEvent> DecisionAsync(string transactionId)
    {
        DecisionEvent? found = null;
        for (var attempt = 0; found is null && attempt < 200; attempt++)
        {
            var records = await TopicReader.ReadAsync(Kafka.BootstrapServers, Kafka.Options.DecisionsTopic);
            found = records.Select(r => DecisionEvent.Parser.ParseFrom(r.Message.Value)).LastOrDefault(d => d.Payment.TransactionId == transactionId);
            await Task.Delay(found is null ? 50 : 0);
        }
        return found ?? throw new TimeoutException($"No decision on {transactionId} in {Kafka.Options.DecisionsTopic}.");
    }

    /// <summary>The value of a metric's sample, such as <c>fraud_events_applied_total{topic="…"}</c>; 0 when it is not there.</summary>
    public async Task<double> MetricAsync(string sample)
    {
        var text = await Http.GetStringAsync("/metrics");
        var line = text.Split('\n').FirstOrDefault(l => l.StartsWith(sample + " ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[(sample.Length + 1)..], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _producer.Dispose();
        Http.Dispose();
        _channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
