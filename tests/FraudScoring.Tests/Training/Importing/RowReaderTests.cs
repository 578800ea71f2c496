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
    [TestCase("amount", "-0.001", 0)]
    [TestCase("amount", "285.79999999999995", 28_580)]
    public void Read_RoundedAmount_IsHalfAwayFromZero(string column, string text, long minor) =>
        Assert.That(Read(Row((column, text)), new())!.Payment.AmountMinor, Is.EqualTo(minor));

    [TestCase("amount", "1,000.00", "payment.amount")]
    [TestCase("amount", "many", "payment.amount")]
    [TestCase("amount", "USD 5", "payment.amount")]
    [TestCase("card", "4.11111E+15", "payment.card_token")]
    [TestCase("account", "4111111111111111.0", "payment.account_token")]
    [TestCase("device", "4,11111E+15", "payment.device_token")]
    [TestCase("n", "4111111111111111", "payment.attributes[n]")]
    [TestCase("n", "1,5", "payment.attributes[n]")]
    [TestCase("lat", "48,5", "payment.location.latitude")]
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

    [TestCase("-5")]
    [TestCase("(5.00)")]
    [TestCase("€5.00-")]
    public void Read_NegativeAmount_IsARefundAndNoFault(string amount)
    {
        var faults = new Faults();
        var reader = Reader();
        Assert.That(reader.Parse(Texts(Row(("amount", amount), ("time", "x"))), 5, faults), Is.Null);
        Assert.That((faults.Count, reader.Refunds), Is.EqualTo((0, 1L)));
    }

    [TestCase("4111111111111111")]
    [TestCase("4111111111111111.0")]
    [TestCase("4111 1111 1111 1111")]
    [TestCase("4,111,111,111,111,111")]
    [TestCase("4.111111111111111E+15")]
    [TestCase("'4111111111111111")]
    public void Read_HashedCardNumber_IsOneTokenInEverySpelling(string card) =>
        Assert.That(Read(Row(("card", card)), new())!.Payment.Card, Is.EqualTo("c-9bbef19476623ca56c17da75fd57734d"));

    [TestCase("12345", "12345")]
    [TestCase("12345.0", "12345")]
    [TestCase("1.2345E4", "12345")]
    [TestCase("12345.5", "12345.5")]
    [TestCase("A12345.0", "A12345.0")]
    public void Read_IdentifierOfAFloatColumn_IsThatOfTheInteger(string text, string expected)
    {
        var payment = Read(Row(("account", text), ("card", text)), new())!.Payment;
        Assert.That((payment.Account, payment.Card), Is.EqualTo((expected, Read(Row(("card", expected)), new())!.Payment.Card)));
    }

    [Test]
    public void Read_NumberAttributeWithATime_IsNoCardNumber() =>
        Assert.That(Read(Row(("n", "1522540831002")), new())!.Payment.Attributes[0].Number, Is.EqualTo(1_522_540_831_002));

    [TestCase("742", 742)]
    [TestCase("742.0", 742)]
    [TestCase("5411.0", 5411)]
    [TestCase("0742", 742)]
    public void Read_CategoryCodeAsANumber_HasFourDigits(string text, int category)
    {
        var mapping = Mapping.Replace("\"merchant_category\": { \"column\": \"kind\", \"values\": { \"food\": \"5812\" }, \"otherwise\": \"\" }",
            "\"merchant_category\": \"t\"", StringComparison.Ordinal);
        Assert.That(Read(Row(("t", text)), new(), mapping: mapping)!.Payment.MerchantCategory, Is.EqualTo(category));
    }

    [TestCase("Yes", true)]
    [TestCase("YES", true)]
    [TestCase("No", false)]
    [TestCase("True", true)]
    [TestCase("FALSE", false)]
    [TestCase("0.0", false)]
    [TestCase("Fraud", true)]
    [TestCase("genuine", false)]
    public void Read_LabelInAnyLetterCase_IsUnderstood(string text, bool fraud)
    {
        var mapping = Mapping.Replace(", \"fraud\": [\"F\"], \"legitimate\": [\"L\"]", "", StringComparison.Ordinal);
        Assert.That(Read(Row(("fraud", text)), new(), mapping: mapping)!.Fraud, Is.EqualTo(fraud));
    }

    [Test]
    public void Read_DecimalComma_HoldsForAmountsAttributesAndLocations()
    {
        var mapping = Mapping.Replace("\"missing\"", "\"decimal\": \",\", \"thousands\": \".\", \"missing\"", StringComparison.Ordinal);
        var payment = Read(Row(("amount", "1.234,56"), ("n", "-1.000,5"), ("lat", "48,5"), ("long", "9,25")), new(), mapping: mapping)!.Payment;
        Assert.That((payment.AmountMinor, payment.Latitude, payment.Longitude), Is.EqualTo((123_456L, 48.5, 9.25)));
        Assert.That(payment.Attributes.Single(attribute => attribute.Name == "n").Number, Is.EqualTo(-1000.5));
    }

    [Test]
    public void Read_UnhashedCardNumberBehindAPrefix_IsRefused()
    {
        var faults = new Faults();
        Assert.That(Read(Row(), faults, mapping: Mapping.Replace("\"hash\": true, ", "", StringComparison.Ordinal)), Is.Null);
        Assert.That(faults.Single().Message, Does.StartWith("looks like a card number").And.Contain("\"hash\": true"));
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

    private static ImportedRow? Read(Dictionary<string, string> row, Faults faults, byte[]? key = null, string mapping = Mapping) =>
        Reader(key, mapping).Parse(Texts(row, mapping), 5, faults);

    private static RowReader Reader(byte[]? key = null, string mapping = Mapping) =>
        new(Parse(mapping), new TokenHash(key ?? []), TimeRange.Any);

    private static string[] Texts(Dictionary<string, string> row, string mapping = Mapping) =>
        [.. Parse(mapping).Columns.Sources.Names.Select(column => column is null ? "" : row[column])];

    private static ImportMapping Parse(string mapping)
    {
        var faults = new Faults();
        var read = MappingReader.Parse(Encoding.UTF8.GetBytes(mapping), faults);
        Assert.That(faults, Is.Empty);
        return read!;
    }
}
