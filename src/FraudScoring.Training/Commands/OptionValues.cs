using System.CommandLine;
using System.CommandLine.Parsing;

namespace FraudScoring.Training.Commands;

/// <summary>Reads option values inside validators, where an option may be missing or unreadable.</summary>
internal static class OptionValues
{
    /// <summary>
    /// True if the option was given or has a default. Validators also run when a required option is missing or only help is requested.
    /// There is nothing to check then: the parser itself reports missing options.
    /// </summary>
    public static bool HasValue(this SymbolResult result, Option option) =>
        option.HasDefaultValue || result.GetResult(option) is { Tokens.Count: > 0 };

    /// <summary>
    /// The option's value; its default if it was not given or cannot be read; <c>default(T)</c> if it has none. The parser reports the
    /// unreadable text itself; with a value in its place the other options are still checked.
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
