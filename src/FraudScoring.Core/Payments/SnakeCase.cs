using System.Text.Json;

namespace FraudScoring.Core.Payments;

/// <summary>Names as files, metrics and messages write them: CardPresent is card_present.</summary>
public static class SnakeCase
{
    /// <summary>Converts a name.</summary>
    public static string Convert(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    /// <summary>Converts the name of an enum's value.</summary>
    public static string Convert<T>(T value)
        where T : struct, Enum => Convert(value.ToString());
}
