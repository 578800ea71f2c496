using System.Text;
using System.Text.Json.Nodes;

namespace FraudScoring.Tests.Core.Catalogue;

/// <summary>Changes JSON at random: values of other types, missing, duplicated and moved members, broken text.</summary>
internal static class JsonMutation
{
    public static byte[] Mutate(Random random, byte[] json)
    {
        if (random.Next(5) == 0)
        {
            return Break(random, json);
        }
        var root = JsonNode.Parse(json)!;
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            Change(random, root);
        }
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    private static byte[] Break(Random random, byte[] json)
    {
        var bytes = json.ToArray();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            bytes[random.Next(bytes.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)"\"{}[],:\\ue-0"[random.Next(12)];
        }
        return random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    private static void Change(Random random, JsonNode root)
    {
        var node = root;
        while (random.Next(6) > 0 && Children(node).ToArray() is { Length: > 0 } children)
        {
            node = children[random.Next(children.Length)];
        }
        switch (node.Parent)
        {
            case JsonObject parent when random.Next(4) == 0:
                parent.Remove(node.GetPropertyName());
                break;
            case JsonObject parent when random.Next(6) == 0:
                parent[Text(random)] = Value(random);
                break;
            case JsonObject parent:
                parent[node.GetPropertyName()] = Value(random);
                break;
            case JsonArray parent when random.Next(3) == 0:
                parent.Add(node.DeepClone());
                break;
            case JsonArray parent:
                parent[node.GetElementIndex()] = Value(random);
                break;
            default:
                break;
        }
    }

    private static IEnumerable<JsonNode> Children(JsonNode node) => node switch
    {
        JsonObject o => o.Select(p => p.Value).OfType<JsonNode>(),
        JsonArray a => a.OfType<JsonNode>(),
        _ => [],
    };

    private static JsonNode? Value(Random random) => random.Next(10) switch
    {
        0 => null,
        1 => new JsonObject(),
        2 => new JsonArray(),
        3 => random.Next(2) == 0,
        4 => random.Next(-3, 300),
        5 => Math.Pow(10, random.Next(-300, 300)),
        6 => new JsonArray(Text(random), random.Next(3)),
        7 => new JsonObject { [Text(random)] = Text(random) },
        _ => Text(random),
    };

    private static string Text(Random random)
    {
        string[] texts =
        [
            "", "card", "merchant", "channel", "attributes.", "attributes.x", "count", "distinct", "count_same", "fraud_count", "speed",
                "ratio", "log", "z_score",
            "is_new", "quantile", "decayed_sum", "fraud_streak", "attempts", "equal", "at_least", "below", "in", "filter",
                "delay", "atm", "89d", "1h", "0m", "99999999999d", "30d", "amount", "card_count_1h", "AMOUNT", "EUR", "XAU", "é", "\u0000",
                new string('x', 300),
        ];
        return texts[random.Next(texts.Length)];
    }
}
