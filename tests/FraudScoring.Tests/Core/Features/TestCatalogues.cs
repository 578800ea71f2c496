using System.Text;
using FraudScoring.Core.Features;
using FraudScoring.Core.Payments;

namespace FraudScoring.Tests.Core.Features;

/// <summary>Catalogues for tests: the one that is served, and small ones.</summary>
internal static class TestCatalogues
{
    /// <summary>The bytes of models/features.json.</summary>
    public static byte[] ServedJson { get; } = RepositoryFiles.Bytes("models", "features.json");

    /// <summary>The catalogue that is served.</summary>
    public static FeatureCatalogue Served { get; } = Compile(ServedJson);

    /// <summary>Names of its entities, as cases of tests.</summary>
    public static IEnumerable<string> ServedEntities => Served.Entities.Select(e => e.Name);

    public static EntityPlan ServedPlan(string entity) => Served.Entities.Single(e => e.Name == entity);

    /// <summary>A catalogue of entities and features given as the inner text of their JSON lists.</summary>
    public static FeatureCatalogue Of(string entities, params string[] features) =>
        Compile(Encoding.UTF8.GetBytes(Json(entities, features)));

    public static string Json(string entities, params string[] features) => $$"""
        {
          "reference_currency": "EUR",
          "rates": {"EUR": 1, "USD": 0.5, "JPY": 0.01, "KWD": 3},
          "reasons": {"R": "A reason", "S": "Another"},
          "entities": [{{entities}}],
          "features": [{{string.Join(",\n", features)}}]
        }
        """;

    public static FeatureCatalogue Compile(ReadOnlyMemory<byte> json)
    {
        var catalogue = CatalogueReader.Read(json, out var faults);
        Assert.That(faults, Is.Empty);
        return catalogue!;
    }

    public static List<Fault> FaultsOf(string json)
    {
        var catalogue = CatalogueReader.Read(Encoding.UTF8.GetBytes(json), out var faults);
        Assert.That(catalogue is null, Is.EqualTo(faults.Count > 0));
        return faults;
    }

    /// <summary>An aggregate over entity card, named for itself.</summary>
    public static string Card(string aggregate, string? window = null, string? value = null) => Aggregate("card", aggregate, window, value);

    public static string Aggregate(string entity, string aggregate, string? window = null, string? value = null) =>
        $$"""{"name": "{{string.Join('_', new[] { aggregate, value, window }.OfType<string>())}}", "text": "t", "entity": "{{entity}}", "aggregate": "{{aggregate}}" """
        + (window is null ? "" : $", \"window\": \"{window}\"") + (value is null ? "" : $", \"value\": \"{value}\"") + "}";
}
