using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;

namespace FraudScoring.Tests.Inference.Contracts;

public sealed class EventWriterTests
{
    [TestCase("EUR", 1234, "12.34")]
    [TestCase("EUR", 5, "0.05")]
    [TestCase("EUR", 0, "0.00")]
    [TestCase("JPY", 1200, "1200")]
    [TestCase("KWD", 1, "0.001")]
    [TestCase("UYW", 123456, "12.3456")]
    [TestCase("EUR", 922_337_203_685_477_580, "9223372036854775.80")]
    public void ToProto_Amount_IsInTheCurrencysOwnUnits(string code, long minor, string expected)
    {
        Currency.TryGet(code, out Currency currency);
        Assert.That(EventWriter.ToProto(Make(minor, currency)).Amount, Is.EqualTo(expected));
    }

    [TestCase(0)]
    [TestCase(1_522_540_800_123)]
    [TestCase(-1)]
    [TestCase(-1_000)]
    public void ToTimestamp_AnyTime_IsExact(long unixMs) =>
        Assert.That(EventWriter.ToTimestamp(unixMs).ToDateTimeOffset().ToUnixTimeMilliseconds(), Is.EqualTo(unixMs));

    [Test]
    public void ToProto_NothingOptional_LeavesItOut()
    {
        Currency.TryGet("EUR", out Currency euro);
        V1.Payment message = EventWriter.ToProto(Make(100, euro));
        Assert.Multiple(() =>
        {
            Assert.That(message.Location, Is.Null);
            Assert.That(message.MerchantCategory, Is.Empty);
            Assert.That(message.AccountToken + message.DeviceToken + message.IpAddress + message.Country, Is.Empty);
        });
    }

    [Test]
    public void ToProto_EverythingSet_CarriesIt()
    {
        Currency.TryGet("EUR", out Currency euro);
        V1.Payment message = EventWriter.ToProto(new Payment
        {
            TransactionId = "t", EventTimeMs = 1, AmountMinor = 100, Currency = euro,
            Card = "c", Account = "a", Device = "d", IpAddress = "10.0.0.1",
            Merchant = "m", MerchantCategory = 742, Country = "BE", Channel = Channel.MailOrder, Latitude = 50.5, Longitude = -4.25,
            Attributes = [new("retries", 2, null), new("tier", double.NaN, "gold")],
        });
        Assert.Multiple(() =>
        {
            Assert.That((message.TransactionId, message.CardToken, message.AccountToken), Is.EqualTo(("t", "c", "a")));
            Assert.That((message.DeviceToken, message.IpAddress), Is.EqualTo(("d", "10.0.0.1")));
            Assert.That((message.MerchantId, message.MerchantCategory, message.Country), Is.EqualTo(("m", "0742", "BE")));
            Assert.That((message.Location.Latitude, message.Location.Longitude), Is.EqualTo((50.5, -4.25)));
            Assert.That(message.Channel, Is.EqualTo(V1.Channel.MailOrder));
            Assert.That(message.Attributes["retries"].Number, Is.EqualTo(2));
            Assert.That(message.Attributes["tier"].Text, Is.EqualTo("gold"));
        });
    }

    [Test]
    public void ToProto_EveryChannel_HasItsName()
    {
        Currency.TryGet("EUR", out Currency euro);
        foreach (Channel channel in Enum.GetValues<Channel>())
        {
            Assert.That(EventWriter.ToProto(Make(1, euro, channel)).Channel.ToString(), Is.EqualTo(channel.ToString()));
        }
        Assert.That(() => EventWriter.ToProto(Make(1, euro, 0)), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static Payment Make(long minor, Currency currency, Channel channel = Channel.Ecommerce) => new()
    {
        TransactionId = "t", EventTimeMs = 0, AmountMinor = minor, Currency = currency, Card = "c", Merchant = "m", Channel = channel,
    };
}
