using System.Text.Json;

namespace FraudScoring.Core.Payments;

/// <summary>Converts names to the form in files, metrics and messages: CardPresent becomes card_present.</summary>
public static class SnakeCase
{
    public static string Convert(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    /// <summary>Converts the name of an enum's value.</summary>
    public static string Convert<T>(T value)
        where T : struct, Enum => Convert(value.ToString());
}
