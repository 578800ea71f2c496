using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf.Reflection;

namespace FraudScoring.Server.Api.Json;

/// <summary>Reads single values. A problem is the end of a sentence about the field, and does not repeat the value.</summary>
internal static class JsonScalars
{
    // An amount is a decimal text, so that no one rounds it. The text of a JSON number is as exact.
    private static readonly FieldDescriptor Amount = V1.Payment.Descriptor.FindFieldByNumber(V1.Payment.AmountFieldNumber);

    /// <summary>Reads the value at the reader's position. An object or array is left for the caller to skip.</summary>
    /// <param name="reader">At the first token of the value.</param>
    /// <param name="field">A field of a single value.</param>
    /// <param name="value">The value as the field's accessor takes it.</param>
    /// <returns>Null on success; otherwise what is wrong.</returns>
    public static string? Read(ref Utf8JsonReader reader, FieldDescriptor field, out object? value)
    {
        value = null;
        switch (field.FieldType)
        {
            case FieldType.String when reader.TokenType == JsonTokenType.Number && field == Amount:
                value = Encoding.UTF8.GetString(reader.ValueSpan);
                return null;
            case FieldType.String when reader.TokenType != JsonTokenType.String:
                return field == Amount ? "must be a decimal number or a string such as \"12.34\"" : "must be a string";
            case FieldType.String:
                value = Text(ref reader);
                return value is null ? "is not valid Unicode: a surrogate escape has no partner" : null;
            case FieldType.Bool:
                value = reader.TokenType == JsonTokenType.True;
                return reader.TokenType is JsonTokenType.True or JsonTokenType.False ? null : "must be true or false";
            case FieldType.Double:
                return ReadDouble(ref reader, out value);
            case FieldType.Enum:
                return ReadEnum(ref reader, field.EnumType, out value);
            case FieldType.Message when reader.TokenType == JsonTokenType.String:
                var problem = JsonTime.Parse(Text(ref reader) ?? "", out var time);
                value = time;
                return problem;
            case FieldType.Message:
                return $"must be a string: {JsonTime.Rule}";
            default:
                throw new NotSupportedException($"{field.FullName} has the type {field.FieldType}, which requests do not use.");
        }
    }

    /// <summary>The text of a string or name; null if it has half a surrogate pair.</summary>
    public static string? Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string? ReadDouble(ref Utf8JsonReader reader, out object? value)
    {
        var isRead = false;
        var number = 0.0;
        if (reader.TokenType == JsonTokenType.Number)
        {
            isRead = reader.TryGetDouble(out number);
        }
        else if (reader.TokenType == JsonTokenType.String)
        {
            const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
            isRead = double.TryParse(Text(ref reader), style, CultureInfo.InvariantCulture, out number);
        }
        value = number;
        // The JSON mapping of protobuf has names for numbers that are not finite. No field of a request accepts them.
        return isRead && double.IsFinite(number) ? null : "must be a finite number";
    }

    private static string? ReadEnum(ref Utf8JsonReader reader, EnumDescriptor type, out object? value)
    {
        var found = reader.TokenType switch
        {
            JsonTokenType.String when Text(ref reader) is { } text => JsonNames.FindValue(type, text),
            JsonTokenType.Number when reader.TryGetInt32(out var number) => type.FindValueByNumber(number),
            _ => null,
        };
        value = found?.Number;
        return found is not null ? null
            : $"must be one of {JsonNames.List(JsonNames.ShortNames(type).Skip(1).Select(name => $"\"{name}\""))}";
    }
}
