using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;

namespace FraudScoring.Tests.Inference.Contracts;

public sealed class LabelReaderTests
{
    private static IEnumerable<TestCaseData> Spoilt()
    {
        yield return Case("no transaction id", l => l.TransactionId = "", "transaction_id");
        yield return Case("no label time", l => l.LabelTime = null, "label_time");
        yield return Case("no event time", l => l.EventTime = null, "event_time");
        yield return Case("neither time", l => (l.LabelTime, l.EventTime) = (null, null), "label_time", "event_time");
        yield return Case("label before payment", l => l.LabelTime = EventWriter.ToTimestamp(Messages.NowMs - 1_001), "label_time");
        yield return Case("long source", l => l.Source = new string('x', 65), "source");
        yield return Case("source with a line break", l => l.Source = "charge\nback", "source");
        yield return Case("card number as card", l => l.CardToken = "4111111111111111", "card_token");
        yield return Case("card number as account", l => l.AccountToken = "4111111111111111", "account_token");
        yield return Case("card number as device", l => l.DeviceToken = "4111111111111111", "device_token");
        yield return Case("bad address", l => l.IpAddress = "here", "ip_address");
        yield return Case("long merchant", l => l.MerchantId = new string('x', 65), "merchant_id");
        yield return Case("all together", l => (l.TransactionId, l.LabelTime, l.Source, l.CardToken) =
            ("", null, "\u0001", "4111111111111111"),
            "transaction_id", "label_time", "source", "card_token");
    }

    [TestCaseSource(nameof(Spoilt))]
    public void Read_Wrong_NamesEveryFieldAndNoOther(Action<V1.LabelEvent> spoil, string[] fields)
    {
        var message = Messages.Label();
        spoil(message);
        var faults = new Faults();
        Assert.That(PaymentReader.Parse(message, PaymentLimits.AnyTime, 0, faults), Is.Null);
        Assert.That(faults!.Select(f => f.Field), Is.EquivalentTo(fields.Select(field => "label." + field)));
        Assert.That(faults.ToString(), Does.Not.Contain("4111"));
    }

    [TestCase("card_token")]
    [TestCase("account_token")]
    [TestCase("device_token")]
    [TestCase("ip_address")]
    [TestCase("merchant_id")]
    public void Read_OneTokenIsEnough_IsAccepted(string token)
    {
        var message = Messages.Label();
        foreach (var other in new[] { "card_token", "account_token", "device_token", "ip_address", "merchant_id" }.Where(t => t != token))
        {
            V1.LabelEvent.Descriptor.FindFieldByName(other).Accessor.SetValue(message, "");
        }
        message.Source = "";
        var faults = new Faults();
        Assert.That(PaymentReader.Parse(message, PaymentLimits.AnyTime, 0, faults), Is.Not.Null, () => faults.ToString());
    }

    [Test]
    public void Read_NoTokenAtAll_IsALabelThatNamesNoEntity()
    {
        var message = Messages.Label();
        (message.CardToken, message.AccountToken, message.DeviceToken, message.IpAddress, message.MerchantId) = ("", "", "", "", "");
        Assert.That(PaymentReader.Parse(message, PaymentLimits.AnyTime, 0, new())!.HasEntity, Is.False);
        Assert.That(PaymentReader.Parse(Messages.Label(), PaymentLimits.AnyTime, 0, new())!.HasEntity, Is.True);
    }

    [Test]
    public void Read_KnownAtTheSameMoment_IsAccepted()
    {
        var message = Messages.Label();
        message.LabelTime = message.EventTime;
        Assert.That(PaymentReader.Parse(message, PaymentLimits.AnyTime, 0, new()), Is.Not.Null);
    }

    private static TestCaseData Case(string name, Action<V1.LabelEvent> spoil, params string[] fields) => new TestCaseData(spoil, fields)
        .SetArgDisplayNames(name);
}
