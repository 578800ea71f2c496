using System.CommandLine;
using System.CommandLine.Parsing;

namespace FraudScoring.Training.Commands;

/// <summary>Values of options while they are being checked.</summary>
internal static class OptionValues
{
    /// <summary>
    /// True when the option was given, or has a default. Checks are also run when a required option is missing or only help is asked for:
    /// there is no value to check then, and the parser reports what is missing by itself.
    /// </summary>
    public static bool HasValue(this SymbolResult result, Option option) =>
        option.HasDefaultValue || result.GetResult(option) is { Tokens.Count: > 0 };

    /// <summary>
    /// The option's value, or its default when it was not given (nothing, if it has none). A text that cannot be read has an error of its
    /// own; the default stands in, so that the other options are still checked.
    /// </summary>
    public static T ValueOf<T>(this SymbolResult result, Option<T> option)
    {
        try
        {
            return result.GetRequiredValue(option);
        }
        catch (InvalidOperationException)
        {
            return option.HasDefaultValue ? (T)option.GetDefaultValue()! : default!;
        }
    }
}
