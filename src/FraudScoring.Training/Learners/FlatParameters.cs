using System.Text.Json;
using System.Text.Json.Nodes;

namespace FraudScoring.Training.Learners;

/// <summary>Flattens parameters to names and values, such as trees.learning_rate = 0.05, for recording and comparing.</summary>
internal static class FlatParameters
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static SortedDictionary<string, string> Flatten<T>(T parameters)
        where T : notnull
    {
        var flat = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Append(flat, "", JsonSerializer.SerializeToNode(parameters, Json)!);
        return flat;
    }

    private static void Append(SortedDictionary<string, string> flat, string prefix, JsonNode node)
    {
        foreach (var (name, value) in node.AsObject())
        {
            if (value is JsonObject below)
            {
                Append(flat, $"{prefix}{name}.", below);
            }
            else
            {
                flat.Add($"{prefix}{name}", value is JsonArray list ? string.Join(',', list) : value?.ToString() ?? "");
            }
        }
    }
}
