using System.Text;
using System.Text.Json;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Core.Payments;
using FraudScoring.Tests.Core.Features;

namespace FraudScoring.Tests.Core.Decisions;

/// <summary>Policies for tests, over a catalogue of three features: amount, rate and count.</summary>
internal static class TestPolicies
{
    public static FeatureCatalogue Catalogue { get; } = TestCatalogues.Create(
        """{"name": "card", "fields": ["card"]}""",
        """{"name": "amount", "text": "t", "reason": "R", "payment": "amount"}""",
        """{"name": "rate", "text": "t", "reason": "S", "payment": "attributes.rate"}""",
        """{"name": "count", "text": "t", "reason": "S", "payment": "attributes.count"}""",
        """{"name": "quiet", "text": "t", "payment": "is_night"}""");

    public static DecisionPolicy Create(string rules = "", string blocked = "", string trusted = "", string thresholds = "null",
        string withoutModel = "review")
    {
        var faults = new Faults();
        var policy = Parse(Json(rules, blocked, trusted, thresholds, withoutModel), faults);
        Assert.That(faults, Is.Empty);
        return policy!;
    }

    public static string Json(
        string rules = "", string blocked = "", string trusted = "", string thresholds = "null", string withoutModel = "review") => $$"""
        {
          // A comment, as the served policy has.
          "thresholds": {{thresholds}},
          "without_model": "{{withoutModel}}",
          "blocked": { {{blocked}} },
          "trusted": { {{trusted}} },
          "rules": [ {{rules}} ]
        }
        """;

    public static string Rule(string code, string then, string when) =>
        $$"""{"code": "{{code}}", "text": "Text of {{code}}", "when": {{JsonSerializer.Serialize(when)}}, "then": "{{then}}"}""";

    public static DecisionPolicy? Parse(string json, Faults faults) =>
        PolicyReader.Parse(Encoding.UTF8.GetBytes(json), Catalogue, faults);

    public static List<string> FaultsOf(string json)
    {
        var faults = new Faults();
        var policy = Parse(json, faults);
        Assert.That(policy is null, Is.EqualTo(faults.Count > 0));
        return [.. faults.Select(f => f.ToString())];
    }
}
