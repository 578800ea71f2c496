using System.Text.Json.Nodes;
using FraudScoring.Training.Importing.Guessing;

namespace FraudScoring.Tests.Training.Importing.Guessing;

/// <summary>The rules of a guess, each on a column.</summary>
public sealed class MappingGuessTests
{
    [TestCase("13/02/2024 10:11:12|01/02/2024 00:00:00", "d/M/yyyy H:mm:ss")]
    [TestCase("2/13/2024 10:11|2/1/2024 1:05", "M/d/yyyy H:mm")]
    [TestCase("31.12.2023 23:59|1.1.2024 0:01", "d.M.yyyy H:mm")]
    [TestCase("2/13/2024 1:05 PM|2/1/2024 11:05 AM", "M/d/yyyy h:mm tt")]
    [TestCase("2024/02/13 10:11:12", "yyyy/M/d H:mm:ss")]
    [TestCase("13-Feb-2024 10:11:12", "d-MMM-yyyy H:mm:ss")]
    [TestCase("20240213|20240214", "yyyyMMdd")]
    [TestCase("20240213101112", "yyyyMMddHHmmss")]
    [TestCase("2402131011|2402292359|2412010000", "yyMMddHHmm")]
    [TestCase("1707819072|1707819099", "unix")]
    [TestCase("1707819072000", "unix_ms")]
    [TestCase("1707819072000000", "unix_us")]
    [TestCase("1707819072000000000", "unix_ns")]
    [TestCase("45335.5|45336.25", "excel")]
    public void Guess_Time_HasTheFormat(string texts, string format) =>
        Assert.That((string?)Of("tx_time", texts)["event_time"]!["format"], Is.EqualTo(format));

    [TestCase("2024-02-13T10:11:12Z", false)]
    [TestCase("2024-02-13 10:11:12.5+01:00", false)]
    [TestCase("2024-02-13 10:11:12", true)]
    public void Guess_IsoTime_NeedsAZoneOnlyWithoutAnOffset(string texts, bool needsZone)
    {
        var guess = Guess(("tx_time", texts));
        Assert.That(Json(guess)["event_time"] is JsonObject time ? (string?)time["zone"] : null, Is.EqualTo(needsZone ? "UTC" : null));
        Assert.That(IsOpen(guess, "event_time: tx_time has no offset"), Is.EqualTo(needsZone));
    }

    [TestCase("01/02/2024 10:00|03/04/2024 11:00", "fit both")]
    [TestCase("638434158720000000|638434158730000000", ".NET ticks")]
    [TestCase("2024-02-13T10:11:12Z|2024-02-13T10:11:12", "with and without an offset")]
    [TestCase("not|a time", "no column holds dates")]
    public void Guess_UndecidedTime_IsLeftOut(string texts, string question)
    {
        var guess = Guess(("tx_time", texts));
        Assert.That(guess.Has("event_time"), Is.False);
        Assert.That(guess.ToDecide, Has.Some.StartsWith("event_time:").And.Some.Contains(question));
    }

    [TestCase("step", "0|1|743", "hours")]
    [TestCase("Time", "0|0|172792", "seconds")]
    [TestCase("TransactionDT", "86400|86401", "seconds")]
    public void Guess_ElapsedTime_HasAnAssumedOrigin(string name, string texts, string format)
    {
        var guess = Guess((name, texts));
        Assert.That((string?)Json(guess)["event_time"]!["format"], Is.EqualTo(format));
        Assert.That(guess.ToDecide, Has.Some.Contains("no absolute time").And.Some.Contains("assumed; set origin"));
    }

    [Test]
    public void Guess_SeveralTimes_PrefersThatOfThePayment()
    {
        const string time = "2024-02-13 10:11:12";
        Assert.That(TimeOf(Guess(("created_at", time), ("settlement_time", time), ("transaction_time", time), ("posted_date", time))),
            Is.EqualTo("transaction_time"));
        Assert.That(TimeOf(Guess(("transaction_date", "2024-02-13"), ("event_time", time))), Is.EqualTo("event_time"));
        Assert.That(TimeOf(Guess(("dob", "1980-01-01"), ("expiry_date", "2027-01-01"))), Is.Null);
    }

    [Test]
    public void Guess_TimeInParts_IsJoined()
    {
        var joined = Json(Guess(("Date", "13/02/2024|01/02/2024"), ("Time", "10:11:12|09:00:00")))["event_time"]!;
        Assert.That(((string?)joined["expression"], (string?)joined["format"]),
            Is.EqualTo(("row[\"Date\"] + ' ' + row[\"Time\"]", "d/M/yyyy H:mm:ss")));
        joined = Json(Guess(("Year", "2002"), ("Month", "9"), ("Day", "1")))["event_time"]!;
        Assert.That(((string?)joined["expression"], (string?)joined["format"]),
            Is.EqualTo(("row[\"Year\"] + '-' + row[\"Month\"] + '-' + row[\"Day\"]", "yyyy-M-d")));
    }

    [TestCase("12.50|1037.00", null, null)]
    [TestCase("12,50|1037,5", ",", null)]
    [TestCase("1.037,50|12,00", ",", ".")]
    [TestCase("1,037.50|12.00", null, ",")]
    [TestCase("1,037|12.50", null, ",")]
    [TestCase("1 037,50|12,00", ",", " ")]
    [TestCase("12.340000000000000000", null, null)]
    public void Guess_Amount_HasItsSeparators(string texts, string? point, string? thousands)
    {
        var mapping = Of("TX_AMOUNT", texts);
        Assert.That(mapping["amount"], Is.Not.Null);
        Assert.That(((string?)mapping["decimal"], (string?)mapping["thousands"]), Is.EqualTo((point, thousands)));
    }

    [TestCase("1,037|2,500")]
    [TestCase("1.037|2.500")]
    [TestCase("12.50|12,50")]
    public void Guess_UndecidedAmount_IsLeftOut(string texts)
    {
        var guess = Guess(("amount", texts));
        Assert.That((guess.Has("amount"), IsOpen(guess, "amount:")), Is.EqualTo((false, true)));
    }

    [Test]
    public void Guess_Amount_HasWhatItsNameAndTextsSay()
    {
        Assert.That((bool?)Of("amount_cents", "1234|99")["amount"]!["minor_units"], Is.True);
        Assert.That(IsOpen(Guess(("amount_cents", "1234")), "amount: amount_cents is taken for minor units"), Is.True);
        Assert.That((bool?)Of("amount", "285.79999999999995|1.5")["amount"]!["round"], Is.True);
        Assert.That(IsOpen(Guess(("amount", "-12.50|3.00")), "amount: 1 of 2"), Is.True);
        Assert.That((string?)Of("amount", "€12.50|€3.00")["currency"]!["constant"], Is.EqualTo("EUR"));
        Assert.That((string?)Of("amount", "12.50 GBP")["currency"]!["constant"], Is.EqualTo("GBP"));
        Assert.That(Of("amount", "€12.50|$3.00")["currency"], Is.Null);
        Assert.That(Of("intended_balcon_amount", "12.50")["amount"], Is.Null);
    }

    [TestCase("is_fraud", "0|0|1", null)]
    [TestCase("isFraud", "true|false|False", null)]
    [TestCase("Is Fraud?", "No|No|Yes", null)]
    [TestCase("Class", "N|N|Y", null)]
    [TestCase("chargeback", "0|0|1.0", null)]
    [TestCase("outcome", "genuine|genuine|fraud", null)]
    [TestCase("label", "good|good|bad", "bad")]
    [TestCase("not_fraud", "1|1|0", "0")]
    [TestCase("isLegit", "True|True|False", "false")]
    [TestCase("cleared", "Y|Y|N", "n")]
    [TestCase("genuine", "yes|yes|no", "no")]
    public void Guess_Label_MeansFraudTheRightWay(string name, string texts, string? fraud)
    {
        var label = Of(name, texts)["label"]!;
        Assert.That((string?)label["column"], Is.EqualTo(name));
        Assert.That(label["fraud"]?.AsArray().Select(text => (string?)text), fraud is null ? Is.Null : Is.EqualTo(new[] { fraud }));
        Assert.That((string?)label["delay"], Is.EqualTo("7d"));
    }

    [TestCase("isFlaggedFraud", "0|1")]
    [TestCase("fraud_score", "0|1")]
    [TestCase("class", "1|2|3")]
    [TestCase("is_fraud", "maybe|1")]
    public void Guess_OtherFlag_IsNoLabel(string name, string texts)
    {
        var guess = Guess((name, texts));
        Assert.That((guess.Has("label"), IsOpen(guess, "label:")), Is.EqualTo((false, true)));
    }

    [Test]
    public void Guess_LabelTime_ReplacesTheDelay()
    {
        var label = Json(Guess(("is_fraud", "0|1"), ("chargeback_date", "|2024-03-01")))["label"]!;
        Assert.That(((string?)label["time"]!["column"], label["delay"], (bool?)label["frauds_only"]), Is.EqualTo(("chargeback_date", (JsonNode?)null, true)));
    }

    [TestCase("4111111111111111|5555555555554444")]
    [TestCase("4111111111111111.0|5555555555554444.0")]
    [TestCase("4111 1111 1111 1111|5555-5555-5555-4444")]
    public void Guess_CardNumbers_AreHashedWhateverTheirName(string texts)
    {
        Assert.That((bool?)Of("card_number", texts)["card"]!["hash"], Is.True);
        Assert.That((bool?)Of("c17", texts)["card"]!["hash"], Is.True);
    }

    [Test]
    public void Guess_CardNumbersPerUser_AreJoinedWithTheUser()
    {
        Assert.That((string?)Json(Guess(("User", "17|18"), ("Card", "0|1")))["card"]!["expression"], Is.EqualTo("row[\"User\"] + '-' + row[\"Card\"]"));
        var guess = Guess(("Card", "0|1"));
        Assert.That((guess.Has("card"), IsOpen(guess, "card: Card holds only 2 small numbers")), Is.EqualTo((false, true)));
    }

    [Test]
    public void Guess_CardsThatLostDigits_AreLeftOut()
    {
        var guess = Guess(("card", "4.11111E+15|5.55556E+15"));
        Assert.That((guess.Has("card"), IsOpen(guess, "card: card is in scientific notation")), Is.EqualTo((false, true)));
    }

    [Test]
    public void Guess_Channel_IsTranslated()
    {
        var values = Of("entry_mode", "POS|Online|ATM")["channel"]!["values"]!.AsObject();
        Assert.That(values.Select(value => (value.Key, (string?)value.Value)),
            Is.EquivalentTo(new[] { ("POS", "card_present"), ("Online", "ecommerce"), ("ATM", "atm") }));
        Assert.That(Of("type", "TRANSFER|CASH_OUT")["channel"], Is.Null);
    }

    [TestCase("mcc", "5411|742.0", "merchant_category", true)]
    [TestCase("category", "grocery_pos", "merchant_category", false)]
    [TestCase("merchantCountry", "ES|DE", "country", true)]
    [TestCase("country", "Spain", "country", false)]
    [TestCase("ip", "192.0.2.1|2001:db8::1", "ip_address", true)]
    [TestCase("ip", "n/a", "ip_address", false)]
    [TestCase("TXN ID", "a|b", "transaction_id", true)]
    [TestCase("transaction_id", "a|a", "transaction_id", false)]
    [TestCase("currency", "EUR|USD", "currency", true)]
    [TestCase("customerId", "c1|c2", "account", true)]
    [TestCase("DEVICE_ID", "d1|d2", "device", true)]
    [TestCase("Merchant Name", "m1|m2", "merchant", true)]
    public void Guess_Field_IsPlacedIfNameAndTextsAgree(string name, string texts, string field, bool isPlaced)
    {
        var guess = Guess((name, texts));
        Assert.That(guess.Fields.Any(guessed => guessed.Field == field && guessed.From == name), Is.EqualTo(isPlaced));
        Assert.That(guess.NotPlaced.Any(left => left.Column == name), Is.EqualTo(!isPlaced));
    }

    [Test]
    public void Guess_EveryColumn_IsPlacedOrLeftOut()
    {
        var guess = Guess(("a", "1|2"), ("", "0|1"), ("amount", "1.5|2.5"), ("x", "|"), ("x", "1|2"), ("4111111111111111", "1|2"));
        Assert.That(guess.NotPlaced.Select(left => left.Column), Is.EquivalentTo(new[] { "a", "", "x", "(16 digits)" }));
        Assert.That(guess.Fields.All(guessed => guessed.Confidence is > 0 and <= 1 && guessed.Reason.Length > 0), Is.True);
    }

    private static GuessedMapping Guess(params (string Name, string Texts)[] columns)
    {
        var texts = columns.Select(column => column.Texts.Split('|')).ToList();
        var rows = Enumerable.Range(0, texts.Max(list => list.Length)).Select(row => texts.Select(list => list[row % list.Length]).ToArray());
        return MappingGuess.Create(new SourceSample([.. columns.Select(column => column.Name)], [.. rows]));
    }

    private static JsonObject Json(GuessedMapping guess) => JsonNode.Parse(guess.ToJson())!.AsObject();

    private static JsonObject Of(string name, string texts) => Json(Guess((name, texts)));

    private static bool IsOpen(GuessedMapping guess, string question) =>
        guess.ToDecide.Any(open => open.StartsWith(question, StringComparison.Ordinal));

    private static string? TimeOf(GuessedMapping guess) =>
        Json(guess)["event_time"] is { } time ? time is JsonObject ? (string?)time["column"] : (string?)time : null;
}
