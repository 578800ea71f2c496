using System.Globalization;
using System.Text.RegularExpressions;

namespace FraudScoring.Training.Quality;

/// <summary>Finds identifiers that are personal data, by their form.</summary>
internal static partial class PersonalIdentifiers
{
    private const int RemainderOfIbans = 1;

    // An e-mail address or a valid IBAN is no accident. Other identifiers may look like telephone numbers.
    private static readonly (string Kind, double LeastShare, Func<string, bool> Matches)[] Kinds =
    [
        ("an e-mail address", 0.001, text => Email().IsMatch(text)),
        ("an IBAN", 0.01, text => IsIban(text) || IsIban(text[(text.LastIndexOfAny(['-', '_', ':']) + 1)..])),
        ("a telephone number", 0.2, text => Phone().IsMatch(text)),
    ];

    /// <summary>The kinds of personal data that are too frequent among the texts, with their shares.</summary>
    /// <param name="texts">The texts; at least one.</param>
    public static IEnumerable<(string Kind, double Share)> Find(IReadOnlyCollection<string> texts)
    {
        foreach (var (kind, least, matches) in Kinds)
        {
            var share = texts.Count(matches) / (double)texts.Count;
            if (share >= least)
            {
                yield return (kind, share);
            }
        }
    }

    /// <summary>Checks form and check digits (ISO 13616, ISO/IEC 7064 MOD 97-10).</summary>
    private static bool IsIban(string text)
    {
        var plain = text.Replace(" ", "", StringComparison.Ordinal);
        if (!Iban().IsMatch(plain))
        {
            return false;
        }
        var remainder = 0;
        foreach (var c in plain[4..] + plain[..4])
        {
            remainder = char.IsAsciiDigit(c) ? ((remainder * 10) + c - '0') % 97
                : ((remainder * 100) + char.ToUpper(c, CultureInfo.InvariantCulture) - 'A' + 10) % 97;
        }
        return remainder == RemainderOfIbans;
    }

    [GeneratedRegex(@"[^\s@]@[^\s@]+\.[^\s@.]{2,}\z")]
    private static partial Regex Email();

    [GeneratedRegex(@"^[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{11,30}\z")]
    private static partial Regex Iban();

    // International with a plus or 00; North American; national with a separator after the area code.
    [GeneratedRegex(@"(?:^|[^0-9A-Za-z])\+[1-9](?:[ ()./-]{0,2}[0-9]){7,14}\z|^00[1-9][0-9]{8,13}\z"
        + @"|^\(?[2-9][0-9]{2}\)?[ .-]{1,2}[2-9][0-9]{2}[ .-][0-9]{4}\z|^\(?0[1-9][0-9]{1,4}\)?[ /-][0-9][0-9 ]{4,9}\z")]
    private static partial Regex Phone();
}
