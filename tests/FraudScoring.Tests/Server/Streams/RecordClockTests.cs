using Confluent.Kafka;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Features;
using FraudScoring.Server.Kafka;
using FraudScoring.Server.Streams;
using FraudScoring.Tests.Core.Features;
using FraudScoring.V1;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using Label = FraudScoring.Core.Payments.Label;
using Timestamp = Confluent.Kafka.Timestamp;

namespace FraudScoring.Tests.Server.Streams;

/// <summary>A record that was dated too far ahead when it was written stays invalid, whenever the log is read.</summary>
public sealed class RecordClockTests
{
    private const long Hour = MillisecondsPer.Hour, Now = EventStreams.StartMs + (100 * Hour);
    private static readonly ProfileKeys Keys = new(TestCatalogues.Served, new EntityHasher("0123456789abcdef"u8), "test", new Erasures());
    private static readonly PaymentLimits Limits = RecordLimits.Since(DateTimeOffset.UnixEpoch);
    private static readonly FakeTimeProvider Clock = new(DateTimeOffset.FromUnixTimeMilliseconds(Now));

    [TestCase(TimestampType.LogAppendTime, Now - Hour, Now - Hour)]
    [TestCase(TimestampType.LogAppendTime, Now + Hour, Now)]
    [TestCase(TimestampType.CreateTime, Now - Hour, Now)]
    [TestCase(TimestampType.CreateTime, -1, Now)]
    public void JudgedAtMs_IsWhenBrokersAppendedTheRecord_OrNow(TimestampType type, long timestampMs, long expected) =>
        Assert.That(RecordClock.JudgedAtMs(Record([], type, timestampMs), Now), Is.EqualTo(expected));

    [TestCase(TimestampType.LogAppendTime, 2 * Hour, false)]
    [TestCase(TimestampType.LogAppendTime, 0, true)]
    [TestCase(TimestampType.CreateTime, 2 * Hour, true)]
    public void Parse_ARecordReadAgain_IsJudgedByTheTimeOfTheBrokers(TimestampType type, long aheadMs, bool expected)
    {
        var (writtenMs, timeMs) = (Now - (5 * Hour), Now - (5 * Hour) + aheadMs);
        var transactions = new TransactionStream(
            new KafkaOptions(), Limits, Keys, new RatesSlot(TestCatalogues.ServedRates), null!, null!, null!, Clock);
        var labels = new LabelStream(new KafkaOptions(), new LabelsOptions(), Limits, Keys, null!, null!, null!, null!, null!, Clock);
        var payment = new TransactionEvent { Payment = EventWriter.ToProto(TestPayments.Full("t", timeMs)) };
        var label = EventWriter.ToProto(new Label { TransactionId = "t", EventTimeMs = timeMs, LabelTimeMs = timeMs, Fraud = true, Card = "c" });
        Assert.That(IsValid(transactions, payment), Is.EqualTo(expected));
        Assert.That(IsValid(labels, label), Is.EqualTo(expected));

        bool IsValid(IRecordStream stream, IMessage message) => stream.Parse(
            new IngestBatch(Keys, new StateMarkers(), "topic"), default, Record(message.ToByteArray(), type, writtenMs), []);
    }

    private static ConsumeResult<byte[], byte[]> Record(byte[] value, TimestampType type, long timestampMs) =>
        new() { Message = new Message<byte[], byte[]> { Value = value, Timestamp = new Timestamp(timestampMs, type) } };
}
