using System.Text;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;

namespace FraudScoring.Tests.Core.Features;

/// <summary>Catalogues for tests: the served one and small ones.</summary>
internal static class TestCatalogues
{
    /// <summary>The content of models/features.json.</summary>
    public static byte[] ServedJson { get; } = RepositoryFiles.Bytes("models", "features.json");

    /// <summary>The served catalogue.</summary>
    public static FeatureCatalogue Served { get; } = Compile(ServedJson);

    /// <summary>The rates of models/rates.json.</summary>
    public static ExchangeRates ServedRates { get; } = Rates(RepositoryFiles.Bytes("models", "rates.json"));

    /// <summary>The content of <see cref="Rich"/>.</summary>
    public static byte[] RichJson { get; } = Encoding.UTF8.GetBytes(Json(
        """{"name": "rich", "fields": ["card"], "recent": 12, "labels": 16, "attempts": 8}""",
        [
            .. from window in new[] { "10m", "24h", "30d" } from a in new[] { "deviation", "min", "max", "median" }
               select Aggregate("rich", a, window),
            Filtered("count", "7d", """{"field": "channel", "in": ["atm"]}"""),
            Filtered("median", "1h", """{"field": "amount", "below": 50}"""),
            Filtered("max", "3h", """{"field": "country", "in": ["DE"]}"""),
            Aggregate("rich", "distinct", "24h", "merchant"), Aggregate("rich", "distinct", "7d", "country"),
            Aggregate("rich", "speed"), Aggregate("rich", "fraud_count", "30d"), Aggregate("rich", "fraud_rate", "60d"),
            Aggregate("rich", "fraud_streak"), Aggregate("rich", "attempts", "1h"),
        ]).Replace("\"entities\"", "\"maturity\": \"30d\", \"entities\"", StringComparison.Ordinal));

    /// <summary>A catalogue with one entity, "rich", that keeps everything a profile can.</summary>
    public static FeatureCatalogue Rich { get; } = Compile(RichJson);

    /// <summary>Entities for tests that run with all of them: the served ones and "rich".</summary>
    public static IEnumerable<string> Entities => Served.Entities.Concat(Rich.Entities).Select(e => e.Name);

    public static EntityPlan PlanOf(string entity) => Served.Entities.Concat(Rich.Entities).Single(e => e.Name == entity);

    /// <summary>A catalogue of entities and features, given as the inner text of their JSON lists.</summary>
    public static FeatureCatalogue Create(string entities, params string[] features) =>
        Compile(Encoding.UTF8.GetBytes(Json(entities, features)));

    public static string Json(string entities, params string[] features) => $$"""
        {
          "reference_currency": "EUR",
          "reasons": {"R": "A reason", "S": "Another"},
          "entities": [{{entities}}],
          "features": [{{string.Join(",\n", features)}}]
        }
        """;

    public static FeatureCatalogue Compile(ReadOnlyMemory<byte> json)
    {
        var faults = new Faults();
        var catalogue = CatalogueReader.Parse(json, faults);
        Assert.That(faults, Is.Empty);
        return catalogue!;
    }

    public static ExchangeRates Rates(ReadOnlyMemory<byte> json)
    {
        var faults = new Faults();
        var rates = RatesReader.Parse(json, faults);
        Assert.That(faults, Is.Empty);
        return rates!;
    }

    public static Faults FaultsOf(string json)
    {
        var faults = new Faults();
        var catalogue = CatalogueReader.Parse(Encoding.UTF8.GetBytes(json), faults);
        Assert.That(catalogue is null, Is.EqualTo(faults.Count > 0));
        return faults;
    }

    private static string Filtered(string aggregate, string window, string filter) =>
        Aggregate("rich", aggregate, window).Replace("\"text\"", $"\"filter\": {filter}, \"text\"", StringComparison.Ordinal)
            .Replace($"{aggregate}_{window}", $"{aggregate}_{window}_filtered", StringComparison.Ordinal);

    /// <summary>An aggregate over the entity card, named after itself.</summary>
    public static string Card(string aggregate, string? window = null, string? value = null) => Aggregate("card", aggregate, window, value);

    public static string Aggregate(string entity, string aggregate, string? window = null, string? value = null) =>
        $$"""{"name": "{{string.Join('_', new[] { aggregate, value, window }.OfType<string>())}}", "text": "t","""
        + $$""" "entity": "{{entity}}", "aggregate": "{{aggregate}}" """
        + (window is null ? "" : $", \"window\": \"{window}\"") + (value is null ? "" : $", \"value\": \"{value}\"") + "}";
}
