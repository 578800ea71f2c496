using System.Text;
using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Monitoring;
using Google.Protobuf;

namespace FraudScoring.Server.Kafka;

/// <summary>
/// Writes labels that waited for their transaction to the topic of labels again, now with the tokens of its payment. So they are counted as
/// any label is, by their place in the log.
/// </summary>
internal sealed class LabelProducer(KafkaClients clients, TimeProvider time, ILogger<LabelProducer> log) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lazy<IProducer<byte[], byte[]>> _client = new(() => clients.Producer(config =>
    {
        // An idempotent client can break for good. This one may write a label twice, which counts once.
        config.EnableIdempotence = false;
        config.LingerMs = 0;
    }));

    /// <summary>Writes a label with its payment's tokens, and waits until brokers have it, trying again for as long as it takes.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; it may be written or not.</exception>
    public async Task PublishAsync(Label label, Payment payment, CancellationToken cancellationToken)
    {
        var named = new Label
        {
            TransactionId = label.TransactionId, LabelTimeMs = label.LabelTimeMs, EventTimeMs = label.EventTimeMs, Fraud = label.Fraud,
            Source = label.Source, Card = payment.Card, Account = payment.Account, Device = payment.Device, IpAddress = payment.IpAddress,
            Merchant = payment.Merchant,
        };
        var record = new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(payment.Card), Value = EventWriter.ToProto(named).ToByteArray() };
        while (true)
        {
            try
            {
                await _client.Value.ProduceAsync(clients.Options.LabelsTopic, record, cancellationToken);
                return;
            }
            catch (ProduceException<byte[], byte[]> e)
            {
                log.LabelRetried(clients.Options.LabelsTopic, Pause, e.Error.Reason);
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
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
