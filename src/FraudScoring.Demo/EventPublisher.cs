using System.Text;
using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Kafka;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Demo;

/// <summary>Writes payments and labels to their topics, keyed by card token, as a payment system would.</summary>
internal sealed class EventPublisher(KafkaClients clients, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(10);

    private readonly IProducer<byte[], byte[]> _producer = clients.Producer(config => config.DeliveryReportFields = "none");
    private long _transactions;
    private long _labels;
    private long _undelivered;

    /// <summary>Payments handed over so far.</summary>
    public long Transactions => Interlocked.Read(ref _transactions);

    /// <summary>Labels handed over so far.</summary>
    public long Labels => Interlocked.Read(ref _labels);

    /// <summary>Records that a broker refused.</summary>
    public long Undelivered => Interlocked.Read(ref _undelivered);

    /// <summary>Publishes a transaction.</summary>
    /// <returns>Its number: 1 for the first.</returns>
    public async ValueTask<long> PublishAsync(V1.Payment payment)
    {
        await SendAsync(clients.Options.TransactionsTopic, payment.CardToken, new TransactionEvent { Payment = payment });
        return Interlocked.Increment(ref _transactions);
    }

    public async ValueTask PublishAsync(Label label)
    {
        await SendAsync(clients.Options.LabelsTopic, label.Card ?? label.TransactionId, EventWriter.ToProto(label));
        Interlocked.Increment(ref _labels);
    }

    /// <summary>Waits until all records are delivered, or ten seconds.</summary>
    public Task FlushAsync() => Task.Run(() => _producer.Flush(FlushLimit));

    /// <inheritdoc />
    public void Dispose() => _producer.Dispose();

    private async ValueTask SendAsync(string topic, string key, IMessage value)
    {
        var record = new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(key), Value = value.ToByteArray() };
        while (true)
        {
            try
            {
                _producer.Produce(topic, record, OnDelivered);
                return;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                await Task.Delay(QueueFullPause, time);
            }
        }
    }

    private void OnDelivered(DeliveryReport<byte[], byte[]> report)
    {
        if (report.Error.IsError)
        {
            Interlocked.Increment(ref _undelivered);
        }
    }
}
