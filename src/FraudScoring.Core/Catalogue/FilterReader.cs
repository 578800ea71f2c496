using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Catalogue;

/// <summary>Reads the filter of a feature: one condition, or a list of up to four conditions that must all hold.</summary>
internal sealed class FilterReader(Currency reference)
{
    private const double LargestAmount = 1e12;

    private static readonly Dictionary<string, int> Channels = Enum.GetValues<Channel>()
        .ToDictionary(SnakeCase.Convert, c => (int)c);

    /// <returns>Null if a condition is invalid, which adds faults.</returns>
    public PaymentFilter? Parse(JsonNodeReader node)
    {
        PaymentCondition?[] conditions =
            node.Kind == JsonValueKind.Array ? [.. node.Items(1, 4).Select(ReadCondition)] : [ReadCondition(node)];
        return conditions.Length == 0 || conditions.Contains(null) ? null : new PaymentFilter(conditions.OfType<PaymentCondition>());
    }

    private PaymentCondition? ReadCondition(JsonNodeReader node)
    {
        node.AllowOnly("field", "in", "at_least", "below");
        var name = node.Member("field");
        if (name.Kind == JsonValueKind.String && name.Text() == "amount")
        {
            node.AllowNone("in");
            return ReadAmount(node);
        }
        node.AllowNone("at_least", "below");
        if (!PaymentField.TryParse(name.Text(), out var field))
        {
            name.Fault($"is not a payment field; use amount or one of {string.Join(", ", PaymentField.Names)} or attributes.<name>");
            return null;
        }
        return field.IsText ? ReadTexts(node, field) : ReadNumbers(node, field);
    }

    private AmountCondition? ReadAmount(JsonNodeReader node)
    {
        JsonNodeReader least = node.Member("at_least"), below = node.Member("below");
        if (!least.Exists && !below.Exists)
        {
            node.Fault("must have at_least, below, or both");
            return null;
        }
        long from = least.Exists ? Minor(least) : 0, to = below.Exists ? Minor(below) : long.MaxValue;
        if (from >= to)
        {
            node.Fault("matches no amount; at_least must be less than below");
            return null;
        }
        var texts = new[] { least.Exists ? $"amount >= {Units(from)}" : null, below.Exists ? $"amount < {Units(to)}" : null };
        return new AmountCondition(string.Join(" and ", texts.OfType<string>()), from, to);
    }

    /// <summary>Amounts are whole minor units, so a bound between two of them is rounded up.</summary>
    private long Minor(JsonNodeReader node) => (long)Math.Ceiling((decimal)node.Number(0, LargestAmount) * reference.MinorPerUnit);

    private string Units(long minor) =>
        string.Create(CultureInfo.InvariantCulture, $"{(decimal)minor / reference.MinorPerUnit} {reference.Code}");

    private static TextCondition? ReadTexts(JsonNodeReader node, PaymentField field)
    {
        var texts = new SortedSet<string>(StringComparer.Ordinal);
        var isRight = true;
        foreach (var item in node.Array("in", 1, 256))
        {
            var text = item.Text();
            texts.Add(text);
            if (field.Name == "country" && !Country.Exists(text))
            {
                item.Fault("is not an ISO 3166-1 alpha-2 country code in capital letters, such as \"DE\"");
                isRight = false;
            }
            else if (item.Kind == JsonValueKind.String && text.Length == 0)
            {
                item.Fault("must not be empty");
            }
            isRight &= text.Length > 0;
        }
        var canonical = $"{field.Name} in ({string.Join(", ", texts.Select(t => JsonSerializer.Serialize(t)))})";
        return isRight && texts.Count > 0 ? new TextCondition(canonical, field, texts.ToFrozenSet(StringComparer.Ordinal)) : null;
    }

    private static NumberCondition? ReadNumbers(JsonNodeReader node, PaymentField field)
    {
        var numbers = new SortedSet<int>();
        var isRight = true;
        foreach (var item in node.Array("in", 1, 256))
        {
            var number = field.Name == "channel" ? ChannelOf(item) : CategoryOf(item);
            isRight &= number > 0;
            numbers.Add(number);
        }
        var names = numbers.Select(n => field.Name == "channel" ? $"\"{SnakeCase.Convert((Channel)n)}\"" : $"\"{n:D4}\"");
        return isRight && numbers.Count > 0
            ? new NumberCondition($"{field.Name} in ({string.Join(", ", names)})", field, numbers.ToFrozenSet()) : null;
    }

    private static int ChannelOf(JsonNodeReader item)
    {
        if (!Channels.TryGetValue(item.Text(), out var channel))
        {
            item.Fault($"is not a channel; use one of {string.Join(", ", Channels.Keys)}");
        }
        return channel;
    }

    private static int CategoryOf(JsonNodeReader item)
    {
        if (!int.TryParse(item.Text(), NumberStyles.None, CultureInfo.InvariantCulture, out var category) || category is < 1 or > 9999)
        {
            item.Fault("must be a merchant category code, such as \"5411\"");
            return 0;
        }
        return category;
    }
}
