using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace FraudScoring.LoadTest;

/// <summary>Options whose value is a number within a range.</summary>
internal static class NumberOption
{
    private const double HighestRate = 1_000_000;

    /// <summary>A whole number.</summary>
    public static Option<int> Whole(string name, string description, int byDefault, int least = 1) => new(name)
    {
        Description = description, DefaultValueFactory = _ => byDefault,
        CustomParser = result =>
            int.TryParse(Text(result), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) && value >= least
                ? value : Refuse<int>(result, $"{name} must be a whole number from {least}."),
    };

    /// <summary>A number per second.</summary>
    public static Option<double?> Rate(string name, string description, double? byDefault) => new(name)
    {
        Description = description, DefaultValueFactory = _ => byDefault,
        CustomParser = result =>
            double.TryParse(Text(result), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                && value is >= 0 and <= HighestRate
                    ? value : Refuse<double?>(result, $"{name} must be a number from 0 to {HighestRate:0}."),
    };

    private static string? Text(ArgumentResult result) => result.Tokens.Count == 1 ? result.Tokens[0].Value : null;

    private static T? Refuse<T>(ArgumentResult result, string message)
    {
        result.AddError(message);
        return default;
    }
}
