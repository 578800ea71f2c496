using System.Text;
using FraudScoring.Core.Payments;
using FraudScoring.Core.Profiles;
using FraudScoring.Inference.Contracts;
using FraudScoring.Server.Features;
using FraudScoring.Tests.Core.Features;
using FraudScoring.Tests.Core.Payments;
using FraudScoring.V1;
using Google.Protobuf;

namespace FraudScoring.Tests.Server.Features;

/// <summary>Parsing of record values, and the faults of invalid ones.</summary>
public sealed class LogRecordTests
{
    private const long NowMs = 1_000_000;
    private static readonly ProfileKeys Keys = new(TestCatalogues.Served, new EntityHasher("0123456789abcdef"u8), "test", new Erasures());
    private static readonly RecordPosition Position = new(4, 17);
    private static readonly PaymentLimits Limits = RecordLimits.Since(DateTimeOffset.UnixEpoch);

    [Test]
    public void Transaction_Valid_HasItsPositionAmountAndKeys()
    {
        var payment = TestPayments.Full("t", NowMs, minor: 1250);
        var faults = new Faults();
        var record = TransactionRecord.Parse(Position, Value(payment), Keys, TestCatalogues.ServedRates, Limits, NowMs, faults);
        var entities = new EntityKey[TestCatalogues.Served.Entities.Count];
        Keys.HashEntities(payment, entities);
        Assert.That(faults, Is.Null.Or.Empty);
        Assert.That((record!.Position, record.Payment.TransactionId, record.Amount, record.Transaction),
            Is.EqualTo((Position, "t", 1250L, Keys.HashTransaction("t"))));
        Assert.That(record.Entities, Is.EqualTo(entities));
    }

    [Test]
    public void Transaction_OfAnyPast_IsValid_AndOfTheFutureNot()
    {
        Assert.That(Parse(1_000, []), Is.Not.Null);
        var faults = new Faults();
        Assert.That(Parse(NowMs + 600_001, faults), Is.Null);
        Assert.That(faults, Has.One.Matches<Fault>(fault => fault.ToString().Contains("payment.event_time", StringComparison.Ordinal)));
    }

    private static TransactionRecord? Parse(long timeMs, Faults faults) =>
        TransactionRecord.Parse(Position, Value(TestPayments.Full("t", timeMs)), Keys, TestCatalogues.ServedRates, Limits, NowMs, faults);

    [Test]
    public void Transaction_InACurrencyWithoutARate_IsValid_WithAnUnknownAmount()
    {
        var payment = new FraudScoring.Core.Payments.Payment
        {
            TransactionId = "t", EventTimeMs = NowMs, AmountMinor = 5, Currency = CurrencyTests.Get("XCG"), Card = "card",
            Merchant = "merchant", Channel = FraudScoring.Core.Payments.Channel.Ecommerce,
        };
        var faults = new Faults();
        var record = TransactionRecord.Parse(Position, Value(payment), Keys, TestCatalogues.ServedRates, Limits, NowMs, faults);
        Assert.That((record!.Amount, record.Payment.AmountMinor, faults.Count), Is.EqualTo((DecimalAmount.Unknown, 5, 0)));
    }

    [TestCase(null)]
    [TestCase(new byte[] { 0xFF, 0xFF, 0xFF })]
    public void Transaction_NoProtobuf_IsReported(byte[]? value)
    {
        var faults = new Faults();
        Assert.That(TransactionRecord.Parse(Position, value, Keys, TestCatalogues.ServedRates, Limits, NowMs, faults), Is.Null);
        Assert.That(faults.ToString(), Does.Contain("TransactionEvent in protobuf"));
    }

    [Test]
    public void Records_BeforeTheEarliestTime_AreRefused_WhateverTheClockSays()
    {
        var limits = RecordLimits.Since(DateTimeOffset.FromUnixTimeMilliseconds(5_000));
        foreach (var (timeMs, isValid) in new[] { (4_999L, false), (5_000L, true) })
        {
            var faults = new Faults();
            var transaction = TransactionRecord.Parse(
                Position, Value(TestPayments.Full("t", timeMs)), Keys, TestCatalogues.ServedRates, limits, NowMs, faults);
            Assert.That((transaction is not null, faults.Count), Is.EqualTo((isValid, isValid ? 0 : 1)));
            var label = EventWriter.ToProto(new Label { TransactionId = "t", EventTimeMs = timeMs, LabelTimeMs = timeMs, Fraud = true });
            faults.Clear();
            Assert.That(LabelRecord.Parse(Position, label.ToByteArray(), Keys, limits, NowMs, faults) is not null, Is.EqualTo(isValid));
            Assert.That(faults.Select(fault => fault.Field),
                Is.EqualTo(isValid ? Array.Empty<string>() : ["label.label_time", "label.event_time"]));
            Assert.That(faults, Has.All.Matches<Fault>(fault => fault.Message.Contains("1970-01-01T00:00:05Z", StringComparison.Ordinal)));
        }
    }

    [Test]
    public void Label_InProtobufAndJson_IsTheSame()
    {
        var label = new Label { TransactionId = "t", EventTimeMs = 1_000, LabelTimeMs = 2_000, Fraud = true, Card = "card" };
        var message = EventWriter.ToProto(label);
        var (binary, json) = (message.ToByteArray(), Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(message)));
        foreach (var value in new[] { binary, json })
        {
            var faults = new Faults();
            var record = LabelRecord.Parse(Position, value, Keys, Limits, NowMs, faults);
            Assert.That(faults, Is.Null.Or.Empty);
            Assert.That((record!.Position, record.Label.Card, record.Label.LabelTimeMs, record.Key, record.Value, record.Entities.Length),
                Is.EqualTo((Position, "card", 2_000L, Keys.HashLabel(label), value, 0)));
        }
    }

    [TestCase(null)]
    [TestCase(new byte[] { 0xFF, 0xFF, 0xFF })]
    [TestCase(new byte[] { (byte)'{', (byte)'x' })]
    public void Label_NeitherProtobufNorJson_IsReported(byte[]? value)
    {
        var faults = new Faults();
        Assert.That(LabelRecord.Parse(Position, value, Keys, Limits, NowMs, faults), Is.Null);
        Assert.That(faults.ToString(), Does.Contain("LabelEvent in protobuf or JSON"));
    }

    [Test]
    public void Label_Parked_IsParsedAgain_WithItsPosition()
    {
        var label = new Label { TransactionId = "t", EventTimeMs = 1_000, LabelTimeMs = 2_000, Fraud = true };
        var parked = ParkedLabel.Parse(new ParkedLabel(2_000, 3_000, 5, 17, EventWriter.ToProto(label).ToByteArray()).ToBytes());
        var record = LabelRecord.Parse(parked, Keys)!;
        Assert.That(record.Position, Is.EqualTo(new RecordPosition(AppliedOffsets.SourceOf(1, 5), 17)));
        Assert.That(AppliedOffsets.PartitionOf(record.Position.Source), Is.EqualTo(5));
        Assert.That(record.Key, Is.EqualTo(Keys.HashLabel(label)));
    }

    private static byte[] Value(FraudScoring.Core.Payments.Payment payment) =>
        new TransactionEvent { Payment = EventWriter.ToProto(payment) }.ToByteArray();
}
