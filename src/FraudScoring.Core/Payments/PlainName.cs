using System.Buffers;

namespace FraudScoring.Core.Payments;

/// <summary>
/// Decides which names from a request may appear in an error. Others may be a value in the wrong place, such as a card number.
/// </summary>
public static class PlainName
{
    /// <summary>Stands for a name that is not shown.</summary>
    public const string Hidden = "?";

    private const int MaxLength = 64, MaxDigits = 8;

    private static readonly SearchValues<char> Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>
    /// Returns the name if it has 1 to 64 letters, digits, underscores and hyphens, and at most 8 digits; otherwise <see cref="Hidden"/>.
    /// </summary>
    public static string Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var isPlain = name.Length is > 0 and <= MaxLength && !name.AsSpan().ContainsAnyExcept(Letters)
            && name.Count(char.IsAsciiDigit) <= MaxDigits;
        return isPlain ? name : Hidden;
    }
}
