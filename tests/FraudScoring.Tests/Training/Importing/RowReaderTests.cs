using System.Text;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Importing;

namespace FraudScoring.Tests.Training.Importing;

public sealed class RowReaderTests
{
    private const string Mapping = """
        {
          "event_time": { "column": "time", "format": "unix" },
          "amount": { "column": "amount", "round": true },
          "currency": "currency",
          "card": { "column": "card", "hash": true, "prefix": "c-" },
          "account": "account",
          "device": "device",
          "ip_address": "ip",
          "merchant": { "column": "shop", "strip": "fraud_" },
          "merchant_category": { "column": "kind", "values": { "food": "5812" }, "otherwise": "" },
          "country": "country",
          "channel": { "column": "kind", "values": { "web": "ecommerce", "food": "card_present" } },
          "latitude": "lat", "longitude": "long",
          "attributes": { "n": { "column": "n", "type": "number" }, "t": "t" },
          "label": { "column": "fraud", "time": { "column": "known", "format": "unix" }, "fraud": ["F"], "legitimate": ["L"] },
          "missing": ["NA"]
        }
        """;

    [Test]
    public void Read_WholeRow_FillsEveryField()
    {
        var row = Read(Row(), new())!;
        var payment = row.Payment;
        Assert.Multiple(() =>
        {
            Assert.That(payment.TransactionId, Is.EqualTo("row-5"));
            Assert.That(payment.EventTimeMs, Is.EqualTo(1_522_540_831_000));
            Assert.That((payment.AmountMinor, payment.Currency.Code), Is.EqualTo((28_580L, "EUR")));
            Assert.That(payment.Card, Is.EqualTo("c-9bbef19476623ca56c17da75fd57734d"));
            Assert.That((payment.Account, payment.Device, payment.IpAddress), Is.EqualTo(("acc", "dev", "10.0.0.1")));
            Assert.That((payment.Merchant, payment.MerchantCategory, payment.Country), Is.EqualTo(("Rippin", 5812, "DE")));
            Assert.That(payment.Channel, Is.EqualTo(Channel.CardPresent));
            Assert.That((payment.Latitude, payment.Longitude), Is.EqualTo((48.5, 9.25)));
            Assert.That(payment.Attributes,
                Is.EquivalentTo(new[] { new PaymentAttribute("n", 1.5, null), new PaymentAttribute("t", double.NaN, "text") }));
            Assert.That((row.LabelMs, row.Fraud), Is.EqualTo((1_522_540_900_000L, true)));
        });
    }

    [Test]
    public void Read_MissingValues_LeaveFieldsOut()
    {
        var row = Read(Row(("account", "NA"), ("device", ""), ("ip", "NA"), ("country", ""),
            ("lat", "NA"), ("long", ""), ("n", "NA"), ("t", ""), ("fraud", "NA")), new())!;
        Assert.That((row.Payment.Account, row.Payment.Device, row.Payment.IpAddress, row.Payment.Country),
            Is.EqualTo(default((string?, string?, string?, string?))));
        Assert.That((row.Payment.Latitude, row.LabelMs), Is.EqualTo((double.NaN, (long?)null)));
        Assert.That(row.Payment.Attributes, Is.Empty);
    }

    [TestCase("amount", "0.0049", 0)]
    [TestCase("amount", "0.005", 1)]
    [TestCase("amount", "1e2", 10_000)]
    [TestCase("amount", "-0.0", 0)]
    [TestCase("amount", "285.79999999999995", 28_580)]
    public void Read_RoundedAmount_IsHalfAwayFromZero(string column, string text, long minor) =>
        Assert.That(Read(Row((column, text)), new())!.Payment.AmountMinor, Is.EqualTo(minor));

    [TestCase("amount", "-0.001", "payment.amount")]
    [TestCase("amount", "1e30", "payment.amount")]
    [TestCase("amount", "NaN", "payment.amount")]
    [TestCase("currency", "eur", "payment.currency")]
    [TestCase("ip", "010.0.0.1", "payment.ip_address")]
    [TestCase("country", "XX", "payment.country")]
    [TestCase("kind", "kiosk", "payment.channel")]
    [TestCase("kind", "", "payment.channel")]
    [TestCase("lat", "91", "payment.location.latitude")]
    [TestCase("lat", "", "payment.location.latitude")]
    [TestCase("long", "east", "payment.location.longitude")]
    [TestCase("n", "Infinity", "payment.attributes[n]")]
    [TestCase("n", "many", "payment.attributes[n]")]
    [TestCase("t", "4111 1111 1111 1111", "payment.attributes[t]")]
    [TestCase("account", "4111111111111111", "payment.account_token")]
    [TestCase("known", "1522540830", "label.label_time")]
    [TestCase("known", "", "label.label_time")]
    [TestCase("fraud", "X", "label.fraud")]
    public void Read_BadValue_IsOneFaultOfItsField(string column, string text, string field)
    {
        var faults = new Faults();
        Assert.That(Read(Row((column, text)), faults), Is.Null);
        Assert.That(faults.Select(f => f.Field), Is.EqualTo(new[] { field }));
        Assert.That(faults.Select(f => f.Message), Has.None.Contains(text.Length > 3 ? text : "\0"), "values are never repeated");
    }

    [Test]
    public void Read_SeveralBadValues_NamesThemAll()
    {
        var faults = new Faults();
        Read(Row(("amount", "x"), ("shop", ""), ("fraud", "X"), ("time", "")), faults);
        Assert.That(faults.Select(f => f.Field),
            Is.EquivalentTo(new[] { "payment.amount", "payment.merchant_id", "label.fraud", "payment.event_time" }));
    }

    [Test]
    public void Read_CollectorHoldsFaultsOfAnotherRow_AnswersForThisRow()
    {
        var faults = new Faults();
        Assert.That(Read(Row(("amount", "x")), faults), Is.Null);
        Assert.That(Read(Row(), faults), Is.Not.Null);
        Assert.That(Read(Row(("amount", "y")), faults), Is.Null);
        Assert.That(faults.Select(fault => fault.Field), Is.EqualTo(new[] { "payment.amount", "payment.amount" }),
            "each row reports its own field");
    }

    [Test]
    public void Read_HashWithKey_IsAnotherToken()
    {
        var plain = Read(Row(), new())!.Payment.Card;
        var keyed = Read(Row(), new(), Encoding.UTF8.GetBytes("a secret of some length"))!.Payment.Card;
        Assert.That(keyed, Is.Not.EqualTo(plain).And.Length.EqualTo(plain.Length));
        Assert.That(CardNumber.Matches(plain), Is.False);
    }

    private static Dictionary<string, string> Row(params (string Column, string Text)[] changes)
    {
        var row = new Dictionary<string, string>
        {
            ["time"] = "1522540831", ["amount"] = "285.79999999999995", ["currency"] = "EUR", ["card"] = "4111111111111111",
            ["account"] = "acc", ["device"] = "dev", ["ip"] = "10.0.0.1", ["shop"] = "fraud_Rippin", ["kind"] = "food", ["country"] = "DE",
            ["lat"] = "48.5", ["long"] = "9.25", ["n"] = "1.5", ["t"] = "text", ["fraud"] = "F", ["known"] = "1522540900",
        };
        foreach (var (column, text) in changes)
        {
            row[column] = text;
        }
        return row;
    }

    private static ImportedRow? Read(Dictionary<string, string> row, Faults faults, byte[]? key = null)
    {
        var before = faults.Count;
        var mapping = MappingReader.Parse(Encoding.UTF8.GetBytes(Mapping), faults);
        Assert.That(faults, Has.Count.EqualTo(before));
        var reader = new RowReader(mapping!, new TokenHash(key ?? []), TimeRange.Any);
        return reader.Parse([.. mapping!.Columns.Select(column => row[column])], 5, faults);
    }
}
