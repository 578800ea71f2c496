using System.Text;
using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Monitoring;
using FraudScoring.Server.Resilience;
using Google.Protobuf;
using Polly;

namespace FraudScoring.Server.Kafka;

/// <summary>
/// Writes parked labels back to the label topic once their transaction has arrived or was found, with the tokens of its payment. They are
/// then applied like any other label, by their offset in the topic.
/// </summary>
internal sealed class LabelProducer(KafkaClients clients, TimeProvider time, ILogger<LabelProducer> log) : IDisposable
{
    private readonly Lazy<IProducer<byte[], byte[]>> _client = new(() => clients.Producer(config =>
    {
        // An idempotent client can fail permanently. Without idempotence a label may be written twice; consumers count it once.
        config.EnableIdempotence = false;
        config.LingerMs = 0;
    }));

    private readonly ResiliencePipeline _retry = EndlessRetry.Create<ProduceException<byte[], byte[]>>(
        time, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), _ => true,
        (failure, _, pause) => log.LabelRetried(clients.Options.LabelsTopic, pause, failure.Error.Reason));

    /// <summary>Writes a label that has tokens and waits for the brokers' acknowledgement; retries every second.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the label may or may not have been written.</exception>
    public async Task PublishAsync(Label label, CancellationToken cancellationToken)
    {
        var record = new Message<byte[], byte[]>
        {
            Key = Encoding.UTF8.GetBytes(label.Card ?? label.TransactionId),
            Value = EventWriter.ToProto(label).ToByteArray(),
        };
        await _retry.ExecuteAsync(
            async stop => await _client.Value.ProduceAsync(clients.Options.LabelsTopic, record, stop), cancellationToken);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }
}
