using System.Globalization;

namespace FraudScoring.Training.Quality;

/// <summary>Finds identifiers that identify too little, or persons instead of tokens.</summary>
internal static class IdentifierWarnings
{
    /// <summary>
    /// Payments per day and value above which a card or an account is more likely a number within each customer: an hour is the time
    /// between payments that only automated cards fall below.
    /// </summary>
    public const double MostPerDay = 24;

    /// <summary>Number of different devices up to which a column more likely holds kinds of devices.</summary>
    public const int FewDevices = 20;

    // A sample holds almost every value of a column if it holds each this often on average.
    private const int OftenSampled = 50;

    /// <summary>The warnings of a log.</summary>
    public static IEnumerable<string> Find(LogQuality log)
    {
        foreach (var column in log.Identifiers())
        {
            string[] present = [.. column.Texts.Where(text => !string.IsNullOrEmpty(text))!];
            if (present.Length == 0)
            {
                continue;
            }
            var values = present.Distinct(StringComparer.Ordinal).Count();
            if (WhyTooFew(log, column, present.Length, values) is { } few)
            {
                yield return few;
            }
            foreach (var personal in PersonalIdentifiers.Find(present))
            {
                yield return $"{column.Name} looks like {personal.Kind} in {Text($"{100 * personal.Share:0.##} % of its rows")}: "
                    + "set \"hash\": true for it in the mapping, and send the same tokens to the service";
            }
        }
    }

    private static string? WhyTooFew(LogQuality log, IdentifierColumn column, int present, int values)
    {
        if (present < values * OftenSampled)
        {
            return null;
        }
        // The sample is even, so its share of payments with a value is that of all.
        var payments = log.Payments * (present / (double)column.Texts.Count);
        var perDay = payments / values / Math.Max(1, log.Days);
        var found = values == 1 ? Text($"{column.Name} is the same in all {payments:#,0} payments")
            : Text($"{column.Name} has only {values:#,0} different values in {payments:#,0} payments");
        return column.Role switch
        {
            IdentifierRole.Payer when perDay > MostPerDay => found + Text($" ({perDay:#,0} per value and day): ")
                + "it may be a number within each user; combine it with the user's column in the mapping",
            IdentifierRole.Device when values <= FewDevices && present >= FewDevices * OftenSampled =>
                $"{found}: it may be the kind of a device and not its identifier; map it as an attribute instead",
            _ => null,
        };
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A column of identifiers to check.</summary>
/// <param name="Name">Its name in the report.</param>
/// <param name="Role">Whose identifiers they are.</param>
/// <param name="Texts">The texts of sampled payments; null or empty if missing.</param>
internal sealed record IdentifierColumn(string Name, IdentifierRole Role, IReadOnlyList<string?> Texts);

/// <summary>Whose identifiers a column holds.</summary>
internal enum IdentifierRole
{
    /// <summary>Of a merchant, or of what an attribute says.</summary>
    Other,

    /// <summary>Of a card or an account, which a person uses a few times a day.</summary>
    Payer,

    Device,
}
