using FraudScoring.Core.Payments;
using Google.Protobuf.Reflection;

namespace FraudScoring.Server.Api.Json;

/// <summary>Names of fields and of the values of enums, as JSON has them.</summary>
internal static class JsonNames
{
    /// <summary>Finds a field by its name in the proto file, such as event_time, or in JSON, such as eventTime.</summary>
    public static FieldDescriptor? FindField(MessageDescriptor type, string name)
    {
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            if (name == field.Name || name == field.JsonName)
            {
                return field;
            }
        }
        return null;
    }

    /// <summary>The short names of an enum's values: "ecommerce" for CHANNEL_ECOMMERCE. The first is that of an unset field.</summary>
    public static IEnumerable<string> ShortNames(EnumDescriptor type) => type.Values.Select(value => ShortName(type, value));

    /// <summary>Finds a value by its full or its short name, in letters of any case.</summary>
    public static EnumValueDescriptor? FindValue(EnumDescriptor type, string name) => type.Values.FirstOrDefault(value =>
        name.Equals(value.Name, StringComparison.OrdinalIgnoreCase)
            || name.Equals(ShortName(type, value), StringComparison.OrdinalIgnoreCase));

    /// <summary>Describes a field that a message does not have, with the name that may have been meant.</summary>
    public static string Unknown(MessageDescriptor type, string name)
    {
        var text = PlainName.Of(name) == PlainName.Hidden
            ? $"is in the place of a name that is not shown, and that is not a field of {type.Name}"
            : $"is not a field of {type.Name}";
        return FindMeant(type, name) is { } meant ? $"{text}; did you mean '{meant}'?" : text;
    }

    /// <summary>"a, b or c".</summary>
    public static string List(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length < 2 ? string.Concat(all) : $"{string.Join(", ", all[..^1])} or {all[^1]}";
    }

    private static string ShortName(EnumDescriptor type, EnumValueDescriptor value)
    {
        // By the rules of protobuf, the name of a value begins with that of its type.
        var prefix = SnakeCase.Convert(type.Name).Length + 1;
        return value.Name[prefix..].ToLowerInvariant();
    }

    // In the caller's style: with capitals inside, or with underscores.
    private static string? FindMeant(MessageDescriptor type, string name)
    {
        if (name.Length > PaymentLimits.TokenLength)
        {
            return null;
        }
        var letters = Letters(name);
        var best = type.Fields.InDeclarationOrder().Select(field => (Field: field, Distance: Distance(letters, Letters(field.Name))))
            .MinBy(candidate => candidate.Distance);
        // A third of the letters may differ.
        return best.Distance * 3 > letters.Length ? null : name.Any(char.IsAsciiLetterUpper) ? best.Field.JsonName : best.Field.Name;
    }

    private static string Letters(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    /// <summary>The least number of letters to insert, delete or replace (Levenshtein 1966).</summary>
    private static int Distance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[^1];
    }
}
