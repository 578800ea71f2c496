using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Features;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Server.Streams;

/// <summary>Takes what became known of payments, from the topic of labels, into the profiles of their entities.</summary>
/// <remarks>A label is a <see cref="LabelEvent"/> in protobuf, or the same as JSON, so that an analyst can send one from a console.</remarks>
internal sealed class LabelConsumer(
    KafkaClients clients, RedisProfileWriter writer, ProfileBatch batch, DeadLetterProducer deadLetters, TimeProvider time, ILogger<LabelConsumer> log)
    : StreamConsumer(clients, writer, batch, deadLetters, time, log)
{
    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(false));

    protected override string Topic => Options.LabelsTopic;

    protected override int TopicNumber => 1;

    protected override List<Fault>? Add(ProfileBatch batch, int source, ConsumeResult<byte[], byte[]> record)
    {
        if (!TryParse(record.Message.Value, out var message))
        {
            return [new Fault("value", "is not a fraud.scoring.v1.LabelEvent in protobuf or JSON")];
        }
        if (PaymentReader.Read(message, Limits, NowMs, out var faults) is not { } label)
        {
            return faults;
        }
        batch.Add(source, record.Offset.Value, label);
        return null;
    }

    protected override void Report(long? behindSinceMs)
    {
        // Labels take hours to days to be known; the seconds they wait here make no feature stale.
    }

    private static bool TryParse(byte[]? value, out LabelEvent message)
    {
        message = new LabelEvent();
        try
        {
            // A protobuf record never begins with '{': that would be field 15, and the message has none.
            if (value is [(byte)'{', ..])
            {
                message = Json.Parse<LabelEvent>(System.Text.Encoding.UTF8.GetString(value));
                return true;
            }
            message.MergeFrom(value ?? []);
            return value is not null;
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException)
        {
            return false;
        }
    }
}
