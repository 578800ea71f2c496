using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.Tests.Inference.Contracts;

public sealed class PaymentReaderTests
{
    private const string CardNumber = "4111111111111111";
    private static readonly PaymentLimits Limits = new();

    /// <summary>Changes to a valid payment, with exactly the fields that must be reported.</summary>
    private static IEnumerable<TestCaseData> Spoilt()
    {
        yield return Case("no transaction id", p => p.TransactionId = "", "transaction_id");
        yield return Case("long transaction id", p => p.TransactionId = new string('x', 65), "transaction_id");
        yield return Case("control character in an id", p => p.TransactionId = "tx\n1", "transaction_id");
        yield return Case("delete in an id", p => p.TransactionId = "tx\u007F1", "transaction_id");
        yield return Case("second control block in an id", p => p.MerchantId = "m\u0085", "merchant_id");
        yield return Case("blank transaction id", p => p.TransactionId = "   ", "transaction_id");
        yield return Case("blank card", p => p.CardToken = " ", "card_token");
        yield return Case("blank device", p => p.DeviceToken = "\u00A0", "device_token");
        yield return Case("no time", p => p.EventTime = null, "event_time");
        yield return Case("time zero", p => p.EventTime = new Timestamp(), "event_time");
        yield return Case("time before 1970", p => p.EventTime = new Timestamp { Seconds = -1 }, "event_time");
        yield return Case("time after 9999", p => p.EventTime = new Timestamp { Seconds = long.MaxValue }, "event_time");
        yield return Case("negative nanoseconds", p => p.EventTime.Nanos = -1, "event_time");
        yield return Case("too many nanoseconds", p => p.EventTime.Nanos = 1_000_000_000, "event_time");
        yield return Case("a day old", p => p.EventTime = EventWriter.ToTimestamp(Messages.NowMs - 86_400_001), "event_time");
        yield return Case("minutes ahead", p => p.EventTime = EventWriter.ToTimestamp(Messages.NowMs + 120_001), "event_time");
        yield return Case("no amount", p => p.Amount = "", "amount");
        yield return Case("negative amount", p => p.Amount = "-5.00", "amount");
        yield return Case("amount that is no number", p => p.Amount = "NaN", "amount");
        yield return Case("absurd amount", p => p.Amount = "99999999999999999999", "amount");
        yield return Case("amount with fractions of a cent", p => p.Amount = "1.234", "amount");
        yield return Case("no currency", p => p.Currency = "", "currency");
        yield return Case("unknown currency", p => p.Currency = "XXX", "currency");
        yield return Case("unknown currency, amount that yen could have", p => (p.Currency, p.Amount) = ("XXX", "999999999999"),
            "currency");
        yield return Case("unknown currency, amount that none could have", p => (p.Currency, p.Amount) = ("XXX", "9999999999999"),
            "currency", "amount");
        yield return Case("unknown currency, amount with five decimals", p => (p.Currency, p.Amount) = ("XXX", "1.00000"), "currency",
            "amount");
        yield return Case("no card", p => p.CardToken = "", "card_token");
        yield return Case("card number as card", p => p.CardToken = CardNumber, "card_token");
        yield return Case("spaced card number as card", p => p.CardToken = "4111 1111 1111 1111", "card_token");
        yield return Case("card number as a floating-point number", p => p.CardToken = CardNumber + ".0", "card_token");
        yield return Case("card number in scientific notation", p => p.CardToken = "4.11111E+15", "card_token");
        yield return Case("card number in full-width digits", p => p.DeviceToken = "４１１１１１１１１１１１１１１１", "device_token");
        yield return Case("withdrawn currency", p => p.Currency = "DEM", "currency");
        yield return Case("card number as account", p => p.AccountToken = CardNumber, "account_token");
        yield return Case("card number as device", p => p.DeviceToken = CardNumber, "device_token");
        yield return Case("long card token", p => p.CardToken = new string('x', 65), "card_token");
        yield return Case("no merchant", p => p.MerchantId = "", "merchant_id");
        yield return Case("category of three digits", p => p.MerchantCategory = "541", "merchant_category");
        yield return Case("category of letters", p => p.MerchantCategory = "food", "merchant_category");
        yield return Case("country in small letters", p => p.Country = "de", "country");
        yield return Case("unknown country", p => p.Country = "ZZ", "country");
        yield return Case("no channel", p => p.Channel = V1.Channel.Unspecified, "channel");
        yield return Case("unknown channel", p => p.Channel = (V1.Channel)99, "channel");
        yield return Case("latitude off the earth", p => p.Location.Latitude = 90.1, "location.latitude");
        yield return Case("latitude no number", p => p.Location.Latitude = double.NaN, "location.latitude");
        yield return Case("longitude off the earth", p => p.Location.Longitude = double.NegativeInfinity, "location.longitude");
        foreach (var address in new[] { "1.2.3", "1.2.3.256", "010.0.0.1", "0x7f.0.0.1", "1.2.3.4:80", "[::1]", "[::1]:80", "fe80::1%eth0",
            "::1::2", "12345", "localhost", ":", " 1.2.3.4", "1.2.3.4 " })
        {
            yield return Case($"address {address}", p => p.IpAddress = address, "ip_address");
        }
        yield return Case("attribute without value", p => p.Attributes["x"] = new V1.AttributeValue(), "attributes[x]");
        yield return Case("attribute that is no number", p => p.Attributes["x"] = new V1.AttributeValue { Number = double.NaN },
            "attributes[x]");
        yield return Case("attribute that is infinite", p => p.Attributes["x"] =
            new V1.AttributeValue { Number = double.PositiveInfinity }, "attributes[x]");
        yield return Case("attribute with a long text", p => p.Attributes["x"] = new V1.AttributeValue { Text = new string('x', 257) },
            "attributes[x]");
        yield return Case("attribute with a card number", p => p.Attributes["x"] = new V1.AttributeValue { Text = CardNumber },
            "attributes[x]");
        yield return Case("numeric attribute with a card number", p => p.Attributes["x"] = new V1.AttributeValue { Number = 4111111111111111 },
            "attributes[x]");
        yield return Case("attribute without name", p => p.Attributes[""] = new V1.AttributeValue { Number = 1 }, "attributes");
        yield return Case("attribute with a long name", p => p.Attributes[new string('x', 65)] = new V1.AttributeValue { Number = 1 },
            "attributes");
        yield return Case("attribute named by a card number", p => p.Attributes[CardNumber] = new V1.AttributeValue { Number = 1 },
            "attributes");
        yield return Case("attribute named with a line break", p => p.Attributes["a\nb"] = new V1.AttributeValue(), "attributes",
            "attributes[?]");
        yield return Case("too many attributes", p => Fill(p, 33), "attributes");
    }

    [TestCaseSource(nameof(Spoilt))]
    public void Read_OneThingWrong_NamesItsFieldAndNoOther(Action<V1.Payment> spoil, string[] fields)
    {
        var message = Messages.Payment();
        spoil(message);
        var faults = new Faults();
        Assert.That(PaymentReader.Parse(message, Limits, Messages.NowMs, faults), Is.Null);
        Assert.That(faults!.Select(f => f.Field), Is.EquivalentTo(fields.Select(field => "payment." + field)));
        Assert.That(faults!.Select(f => f.Message), Has.All.Not.Empty);
    }

    [Test]
    public void Read_EverythingWrong_NamesEveryFieldAndNoValue()
    {
        const string secret = "SecretValue";
        var message = new V1.Payment
        {
            TransactionId = secret + new string('x', 64), EventTime = new Timestamp { Seconds = 4_242_424_242 }, Amount = secret,
            Currency = secret,
            CardToken = CardNumber, AccountToken = CardNumber, DeviceToken = secret + "\u0007", IpAddress = secret, MerchantId =
                secret + "\n",
            MerchantCategory = secret, Country = secret, Channel = (V1.Channel)4242, Location =
                new V1.Location { Latitude = 4242, Longitude = -4242 },
        };
        message.Attributes["a"] = new V1.AttributeValue { Text = secret + new string('x', 256) };
        message.Attributes["b"] = new V1.AttributeValue { Number = double.NaN };
        message.Attributes[CardNumber] = new V1.AttributeValue { Text = CardNumber };
        var faults = new Faults();
        Assert.That(PaymentReader.Parse(message, Limits, Messages.NowMs, faults), Is.Null);
        string[] fields =
        [
            "transaction_id", "event_time", "amount", "currency", "card_token", "account_token", "device_token", "ip_address",
                "merchant_id", "merchant_category",
            "country", "channel", "location.latitude", "location.longitude", "attributes[a]", "attributes[b]", "attributes",
                "attributes[?]",
        ];
        Assert.That(faults!.Select(f => f.Field), Is.EquivalentTo(fields.Select(field => "payment." + field)));
        Assert.That(faults.ToString(), Does.Not.Contain(secret).And.Not.Contain("4111").And.Not.Contain("4242"));
    }

    [Test]
    public void Read_NothingAtAll_NamesWhatIsRequired()
    {
        var faults = new Faults();
        Assert.That(PaymentReader.Parse((V1.Payment?)null, Limits, Messages.NowMs, faults), Is.Null);
        Assert.That(faults!.Single().ToString(), Is.EqualTo("payment: is required"));
        faults.Clear();
        Assert.That(PaymentReader.Parse(new V1.Payment(), Limits, Messages.NowMs, faults), Is.Null);
        string[] required = ["transaction_id", "event_time", "amount", "currency", "card_token", "merchant_id", "channel"];
        Assert.That(faults!.Select(f => f.Field), Is.EquivalentTo(required.Select(field => "payment." + field)));
    }

    [Test]
    public void Read_AtTheLimits_IsAccepted()
    {
        var message = Messages.Payment();
        (message.TransactionId, message.CardToken, message.MerchantId) =
            (new string('x', 64), new string('é', 64), "ф" + new string(' ', 62) + "ы");
        (message.Amount, message.Location.Latitude, message.Location.Longitude) = ("10000000000.00", -90, 180);
        message.EventTime = EventWriter.ToTimestamp(Messages.NowMs - 86_400_000);
        message.Attributes.Clear();
        Fill(message, 32);
        var faults = new Faults();
        Assert.That(PaymentReader.Parse(message, Limits, Messages.NowMs, faults), Is.Not.Null, () => faults.ToString());
        message.EventTime = EventWriter.ToTimestamp(Messages.NowMs + 120_000);
        Assert.That(PaymentReader.Parse(message, Limits, Messages.NowMs, new()), Is.Not.Null);
    }

    [Test]
    public void Read_CollectorHoldsFaults_AnswersForItsOwnMessage()
    {
        Faults faults = [new Fault("payment.amount", "is wrong in another message")];
        Assert.That(PaymentReader.Parse(Messages.Payment(), Limits, Messages.NowMs, faults), Is.Not.Null);
        Assert.That(PaymentReader.ParseTokens(new EntityTokens { Card = "card" }, faults), Is.Not.Null);
        Assert.That(faults, Has.Count.EqualTo(1));
        Assert.That(PaymentReader.ParseTokens(new EntityTokens(), faults), Is.Null);
        Assert.That(faults.Select(fault => fault.Field), Is.EqualTo(new[] { "payment.amount", "entities.card_token" }));
    }

    [Test]
    public void Read_AnyTime_AcceptsOldPayments()
    {
        var message = Messages.Payment();
        message.EventTime = new Timestamp { Seconds = 1 };
        Assert.That(PaymentReader.Parse(message, PaymentLimits.AnyTime, Messages.NowMs, new())!.EventTimeMs, Is.EqualTo(1_000));
    }

    [TestCase("192.0.2.1", "192.0.2.1")]
    [TestCase("0.0.0.0", "0.0.0.0")]
    [TestCase("2001:DB8::1", "2001:db8::1")]
    [TestCase("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1")]
    [TestCase("::ffff:192.0.2.1", "192.0.2.1")]
    [TestCase("::FFFF:C000:0201", "192.0.2.1")]
    [TestCase("::", "::")]
    public void Read_AddressInAnyForm_IsMadeCanonical(string text, string expected)
    {
        var message = Messages.Payment();
        message.IpAddress = text;
        Assert.That(PaymentReader.Parse(message, Limits, Messages.NowMs, new())!.IpAddress, Is.EqualTo(expected));
    }

    [Test]
    public void Read_LeftOut_IsNotKnown()
    {
        var message = Messages.Payment();
        (message.AccountToken, message.DeviceToken, message.IpAddress, message.MerchantCategory, message.Country, message.Location) =
            ("", "", "", "", "", null);
        message.Attributes.Clear();
        var payment = PaymentReader.Parse(message, Limits, Messages.NowMs, new())!;
        Assert.That((payment.Account, payment.Device, payment.IpAddress, payment.MerchantCategory, payment.Country),
            Is.EqualTo(((string?)null, (string?)null, (string?)null, 0, (string?)null)));
        Assert.That(payment.Latitude, Is.NaN);
        Assert.That(payment.Attributes, Is.Empty);
    }

    private static TestCaseData Case(string name, Action<V1.Payment> spoil, params string[] fields) =>
        new TestCaseData(spoil, fields).SetArgDisplayNames(name);

    private static void Fill(V1.Payment message, int attributes)
    {
        for (var i = 0; i < attributes; i++)
        {
            message.Attributes[$"a{i}"] = new V1.AttributeValue { Text = new string('t', 256) };
        }
    }
}
