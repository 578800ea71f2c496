using System.Text;
using System.Text.Json.Nodes;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Core.Catalogue;

public sealed class CatalogueReaderTests
{
    private const string CardEntity = """{"name": "card", "fields": ["card"], "recent": 4, "labels": 4}""";
    private const string Amount = """{"name": "amount", "text": "t", "payment": "amount"}""";

    [Test]
    public void Read_ServedCatalogue_HasWhatTheServiceNeeds()
    {
        var catalogue = TestCatalogues.Served;
        Assert.That(catalogue.Features, Has.Count.AtLeast(40));
        Assert.That(catalogue.Features.Select(f => f.Name), Is.Unique);
        Assert.That(catalogue.Features.Select(f => f.Text), Is.Unique.And.All.Not.Empty);
        Assert.That(catalogue.Features.Select(f => f.Index), Is.EqualTo(Enumerable.Range(0, catalogue.Features.Count)));
        Assert.That(catalogue.Entities.Select(e => e.Name),
            Is.SupersetOf(new[] { "card", "account", "device", "ip", "merchant", "card_merchant" }));
        // That a field is present explains nothing to a payer, so has_device has no reason.
        Assert.That(catalogue.Features.Where(f => f.Reason is null).Select(f => f.Name), Is.SubsetOf(new[] { "has_device" }));
        Assert.That(catalogue.Reasons.Keys, Is.EquivalentTo(catalogue.Features.Select(f => f.Reason).OfType<string>().Distinct()),
            "reasons without a feature");
        Assert.That(catalogue.Features.Select(f => catalogue.IndexOf(f.Name)), Is.EqualTo(Enumerable.Range(0, catalogue.Features.Count)));
        Assert.That(catalogue.IndexOf("nothing"), Is.EqualTo(-1));
    }

    [TestCase("""{"name": "card", "fields": ["cards"]}""", Amount, "$.entities[0].fields[0]: cannot identify an entity")]
    [TestCase("""{"name": "card", "fields": ["channel"]}""", Amount, "$.entities[0].fields[0]: cannot identify an entity")]
    [TestCase("""{"name": "card", "fields": []}""", Amount, "$.entities[0].fields: must be a list of 1 to 4 items")]
    [TestCase("""{"name": "Card", "fields": ["card"]}""", Amount, "$.entities[0].name: must be a name of lower-case letters")]
    [TestCase("""{"name": "card", "fields": ["card"], "recent": 257}""", Amount,
        "$.entities[0].recent: must be a whole number from 1 to 256")]
    [TestCase("""{"name": "card", "fields": ["card"], "recent": 2.5}""", Amount,
        "$.entities[0].recent: must be a whole number from 1 to 256")]
    [TestCase("""{"name": "card", "fields": ["card"], "recent": "many"}""", Amount,
        "$.entities[0].recent: must be a whole number from 1 to 256")]
    [TestCase("""{"name": "card", "fields": ["card"], "labels": -1}""", Amount,
        "$.entities[0].labels: must be a whole number from 0 to 256")]
    [TestCase("""{"name": "card", "fields": ["card"], "size": 3}""", Amount, "$.entities[0].size: is unknown")]
    [TestCase("", Amount, "$.entities: must be a list of 1 to 16 items")]
    [TestCase("7", Amount, "$.entities[0]: must be an object")]
    [TestCase(CardEntity + "," + CardEntity, Amount, "$.entities[1].name: is already used at $.entities[0].name")]
    [TestCase(CardEntity, "", "$.features: must be a list of 1 to 1024 items")]
    [TestCase(CardEntity, Amount + "," + Amount, "$.features[1].name: is already used at $.features[0].name")]
    [TestCase(CardEntity, """{"name": "a", "text": "t"}""", "$.features[0]: must have exactly one of payment, aggregate and formula")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "payment": "amount", "formula": "log", "of": [1]}""",
        "$.features[0]: must have exactly one of")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "payment": "amounts"}""", "$.features[0].payment: is unknown; use one of amount")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "payment": "attributes."}""", "$.features[0].payment: is unknown")]
    [TestCase(CardEntity, """{"name": "a", "payment": "amount"}""", "$.features[0].text: must be a string")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "reason": "NONE", "payment": "amount"}""",
        "$.features[0].reason: is not one of the catalogue's reasons")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "payment": "amount", "unit": "EUR"}""", "$.features[0].unit: is unknown")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "payment": "amount", "window": "1h"}""", "$.features[0].window: has no effect")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "formula": "log", "of": [1], "entity": "card"}""",
        "$.features[0].entity: has no effect")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "entity": "cards", "aggregate": "count", "window": "1h"}""",
        "$.features[0].entity: is not a declared entity; use one of card")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "aggregate": "count", "window": "1h"}""", "$.features[0].entity: must be a string")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "entity": "card", "aggregate": "counts", "window": "1h"}""",
        "$.features[0].aggregate: is unknown; use one of count")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "entity": "card", "aggregate": "count"}""",
        "$.features[0].window: must be a duration from 1m to 90d")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "entity": "card", "aggregate": "count", "window": "59s"}""",
        "$.features[0].window: must be a duration from 1m to 90d")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "entity": "card", "aggregate": "count", "window": "91d"}""",
        "$.features[0].window: must be a duration from 1m to 90d")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "entity": "card", "aggregate": "count", "window": "1w"}""",
        "$.features[0].window: must be a duration from 1m to 90d")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "entity": "card", "aggregate": "count", "window": "1h", "value": "card"}""",
        "$.features[0].value: has no effect on this feature")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "entity": "card", "aggregate": "speed", "window": "1h"}""",
        "$.features[0].window: has no effect on this feature")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "entity": "card", "aggregate": "count", "window": "1h", "of": [1]}""",
        "$.features[0].of: has no effect")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "entity": "card", "aggregate": "distinct", "window": "1h"}""",
        "$.features[0].value: is not a payment field")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "entity": "card", "aggregate": "distinct", "window": "1h", "value": "town"}""",
        "$.features[0].value: is not a payment field; use one of card")]
    [TestCase("""{"name": "card", "fields": ["card"]}""",
        """{"name": "a", "text": "t", "entity": "card", "aggregate": "fraud_count", "window": "7d"}""",
        "$.features[0].aggregate: needs labels")]
    [TestCase("""{"name": "card", "fields": ["country"], "labels": 1}""",
        """{"name": "a", "text": "t", "entity": "card", "aggregate": "time_since_fraud"}""",
        "$.features[0].entity: has a field that labels do not carry")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "formula": "sum", "of": [1]}""",
        "$.features[0].formula: is unknown; use one of ratio")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "formula": "ratio", "of": [1]}""",
        "$.features[0].of: must be a list of exactly 2 items")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "formula": "ratio", "of": [1, "b"]}""",
        "$.features[0].of[1]: is not a feature of this catalogue")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "formula": "ratio", "of": [1, 1e13]}""",
        "$.features[0].of[1]: must be a number from")]
    [TestCase(CardEntity, """{"name": "a", "text": "t", "formula": "log", "of": ["a"]}""", "$.features[0].of: uses itself")]
    [TestCase(CardEntity,
        """{"name": "a", "text": "t", "formula": "log", "of": ["b"]}, {"name": "b", "text": "t", "formula": "log", "of": ["a"]}""",
        "$.features[1].of: uses itself")]
    public void Read_OneFault_NamesItsPath(string entities, string features, string expected)
    {
        var faults = TestCatalogues.FaultsOf(TestCatalogues.Json(entities, features)).Select(f => f.ToString()).ToList();
        Assert.That(faults, Has.Some.StartsWith(expected));
    }

    [TestCase("\"EUR\"", "\"XXX\"", "$.reference_currency: is not an ISO 4217 currency code")]
    [TestCase("\"reasons\"", "\"rates\": {\"EUR\": 1}, \"reasons\"", "$.rates: has moved to rates.json")]
    public void Read_Currencies_AreChecked(string from, string to, string expected)
    {
        var json = TestCatalogues.Json(CardEntity, Amount).Replace(from, to, StringComparison.Ordinal);
        Assert.That(TestCatalogues.FaultsOf(json).Select(f => f.ToString()), Has.Some.StartsWith(expected));
    }

    [TestCase("", "$: is not valid JSON: syntax error at line 1")]
    [TestCase("{\n\"a\": }", "$: is not valid JSON: syntax error at line 2, byte 6")]
    [TestCase("[]", "$: must be an object")]
    [TestCase("null", "$: must be an object")]
    [TestCase("""{"features": [], "features": []}""", "$.features: appears more than once")]
    [TestCase("""{"reasons": {"A": "a", "A": "b"}}""", "$.reasons.A: appears more than once")]
    [TestCase("""{"reasons": {"A": "\ud800"}}""", "$: is not valid JSON")]
    [TestCase("""{"\ud800": 1}""", "$: is not valid JSON")]
    public void Read_NotACatalogueAtAll_SaysSo(string json, string expected) =>
        Assert.That(TestCatalogues.FaultsOf(json).Select(f => f.ToString()), Has.Some.StartsWith(expected));

    [Test]
    public void Read_InvalidUtf8_SaysSo()
    {
        var faults = new Faults();
        CatalogueReader.Parse(new byte[] { (byte)'{', (byte)'"', 0xC3, (byte)'"', (byte)':', (byte)'1', (byte)'}' }, faults);
        Assert.That(faults.Single().ToString(), Does.StartWith("$: is not valid JSON"));
    }

    [Test]
    public void Read_TooManyWindowsAndDimensions_AreFaults()
    {
        string[] windows = [.. Enumerable.Range(1, EntityPlan.MaxWindows + 1).Select(m => TestCatalogues.Card("count", $"{m}m"))];
        Assert.That(TestCatalogues.FaultsOf(TestCatalogues.Json(CardEntity, windows)).Single().ToString(),
            Does.StartWith("$.entities[0]: has more than 32 different windows"));
        Assert.That(TestCatalogues.FaultsOf(TestCatalogues.Json(CardEntity, windows[..^1])), Is.Empty);
        string[] values = ["merchant", "device", "country", "channel", "ip_address", "account", "attributes.a", "attributes.b"];
        string[] dimensions = [.. values.Select((v, i) =>
            $$"""{"name": "f{{i}}", "text": "t", "entity": "card", "aggregate": "distinct", "window": "1h", "value": "{{v}}"}""")];
        Assert.That(TestCatalogues.FaultsOf(TestCatalogues.Json(CardEntity, dimensions)).Select(f => f.Field),
            Is.EqualTo(new[] { "$.features[6].value", "$.features[7].value" }));
        Assert.That(TestCatalogues.FaultsOf(TestCatalogues.Json(CardEntity, dimensions[..6])), Is.Empty);
    }

    [Test]
    public void Read_ManyFaults_NamesAll()
    {
        const int many = EntityPlan.MaxWindows + 1;
        string[] windows = [.. Enumerable.Range(1, many).Select(m => TestCatalogues.Card("count", $"{m}m"))];
        var json = TestCatalogues.Json(
            """{"name": "card", "fields": ["card"], "colour": 1}, {"name": "Bad", "fields": ["town"], "recent": 0}""",
            [.. windows, """{"name": "x", "payment": "hour"}""", """{"name": "x", "text": "t", "formula": "log", "of": ["x"]}"""]);
        Assert.That(TestCatalogues.FaultsOf(json).Select(f => f.Field), Is.EquivalentTo(new[]
        {
            "$.entities[0].colour", "$.entities[1].name", "$.entities[1].fields[0]", "$.entities[1].recent", "$.entities[0]",
            $"$.features[{many}].text", $"$.features[{many}].payment", $"$.features[{many + 1}].name",
        }));
    }

    [Test]
    public void LayoutHash_TextReasonOrFormulaChanges_Stays()
    {
        Assert.That(LayoutAfter(c => c["features"]![0]!["text"] = "other"), Is.EqualTo(TestCatalogues.Served.LayoutHash));
        Assert.That(LayoutAfter(c => c["reasons"]!["AMOUNT"] = "other"), Is.EqualTo(TestCatalogues.Served.LayoutHash));
        Assert.That(LayoutAfter(c => c["features"]!.AsArray()
            .Add(JsonNode.Parse("""{"name": "new", "text": "new", "formula": "log", "of": ["amount"]}"""))),
            Is.EqualTo(TestCatalogues.Served.LayoutHash));
    }

    [Test]
    public void LayoutHash_AnythingThatShapesProfilesChanges_IsAnother()
    {
        string[] hashes =
        [
            TestCatalogues.Served.LayoutHash,
            LayoutAfter(c => c["reference_currency"] = "USD"),
            LayoutAfter(c => c["entities"]![0]!["recent"] = 25),
            LayoutAfter(c => c["entities"]![0]!["labels"] = 9),
            LayoutAfter(c => c["entities"]![1]!["name"] = "accounts", renamed: true),
            LayoutAfter(c => c["entities"]![1]!["fields"] = new JsonArray("account", "country")),
            LayoutAfter(c => Feature(c, "card_mean_30d")["window"] = "31d"),
            LayoutAfter(c => Feature(c, "card_fraud_count_30d")["window"] = "60d"),
            LayoutAfter(c => Feature(c, "card_distinct_merchants_24h")["value"] = "merchant_category"),
            LayoutAfter(c => c["features"]!.AsArray()
                .Add(JsonNode.Parse("""{"name": "new", "text": "new", "entity": "merchant", "aggregate": "distance"}"""))),
            LayoutAfter(c => c["features"]!.AsArray()
                .Add(JsonNode.Parse(
                    """{"name": "new", "text": "new", "entity": "ip", "aggregate": "count_same", "window": "24h", "value": "country"}"""))),
            LayoutAfter(c => c["features"]!.AsArray()
                .Add(JsonNode.Parse(
                    """{"name": "new", "text": "new", "entity": "ip", "aggregate": "distinct", "window": "24h", "value": "country"}"""))),
        ];
        Assert.That(hashes, Is.Unique);
    }

    private static JsonNode Feature(JsonNode catalogue, string name) => catalogue["features"]!.AsArray()
        .Single(f => (string)f!["name"]! == name)!;

    private static string LayoutAfter(Action<JsonNode> change, bool renamed = false)
    {
        var catalogue = JsonNode.Parse(TestCatalogues.ServedJson)!;
        change(catalogue);
        var text = catalogue.ToJsonString();
        return TestCatalogues.Compile(Encoding.UTF8.GetBytes(renamed
            ? text.Replace("\"entity\":\"account\"", "\"entity\":\"accounts\"", StringComparison.Ordinal) : text)).LayoutHash;
    }
}
