using Confluent.Kafka;

namespace FraudScoring.LoadTest;

/// <summary>Writes records to Kafka without waiting for each; waits while the client's queue is full.</summary>
internal sealed class RecordProducer(string kafka) : IDisposable
{
    private readonly IProducer<byte[], byte[]> _producer =
        new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = kafka, LingerMs = 1 }).Build();

    public void Produce(string topic, Message<byte[], byte[]> record)
    {
        for (var isSent = false; !isSent;)
        {
            try
            {
                _producer.Produce(topic, record);
                isSent = true;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                _producer.Poll(TimeSpan.FromMilliseconds(10));
            }
        }
    }

    /// <summary>Waits until the broker has acknowledged every record.</summary>
    public void Flush(CancellationToken cancellationToken) => _producer.Flush(cancellationToken);

    /// <inheritdoc />
    public void Dispose() => _producer.Dispose();
}
