using Confluent.Kafka;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Features;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Server.Streams;

/// <summary>Takes payments that were made, from the topic of transactions, into the profiles of their entities.</summary>
internal sealed class TransactionConsumer(
    KafkaClients clients, RedisProfileWriter writer, ProfileBatch batch, DeadLetterProducer deadLetters, FeatureCatalogue catalogue,
    StreamHealth health, TimeProvider time, ILogger<TransactionConsumer> log)
    : StreamConsumer(clients, writer, batch, deadLetters, time, log)
{
    protected override string Topic => Options.TransactionsTopic;

    protected override int TopicNumber => 0;

    protected override List<Fault>? Add(ProfileBatch batch, int source, ConsumeResult<byte[], byte[]> record)
    {
        if (!TryParse(record.Message.Value, out var message))
        {
            return [new Fault("value", "is not a fraud.scoring.v1.TransactionEvent in protobuf")];
        }
        var payment = PaymentReader.Read(message.Payment, Limits, NowMs, out var faults);
        if (payment is null)
        {
            return faults;
        }
        if (!catalogue.TryConvert(payment.AmountMinor, payment.Currency, out var amount))
        {
            return [new Fault("payment.currency", "is one the feature catalogue has no rate for")];
        }
        batch.Add(source, record.Offset.Value, payment, amount);
        return null;
    }

    protected override void Report(long? behindSinceMs) => health.Report(behindSinceMs);

    private static bool TryParse(byte[]? value, out TransactionEvent message)
    {
        message = new TransactionEvent();
        try
        {
            message.MergeFrom(value ?? []);
            return value is not null;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }
}
