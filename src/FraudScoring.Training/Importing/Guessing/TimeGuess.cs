using System.Globalization;
using System.Text.Json.Nodes;

namespace FraudScoring.Training.Importing.Guessing;

/// <summary>Finds the columns of the payment's time and of the label's time.</summary>
internal sealed class TimeGuess(IReadOnlyList<SampleColumn> columns, GuessedMapping mapping)
{
    private const string AssumedOrigin = "2020-01-01T00:00:00Z";
    private static readonly string[] Later =
        ["settlement", "settled", "settle", "posted", "posting", "post", "booking", "booked", "value", "cleared", "clearing", "captured",
        "created",
         "updated", "inserted", "load", "loaded", "ingested", "processed", "modified"];

    private static readonly string[] OfLabels = ["chargeback", "dispute", "disputed", "label", "labelled", "labeled", "fraud", "reported"];
    private static readonly string[] OfTimes = ["date", "time", "datetime", "timestamp", "at", "ts", "day"];

    private static readonly string[] OfNumbers =
        [.. OfTimes, "epoch", "unix", "unixtime", "millis", "ms", "seconds", "created", "occurred", "when", "txtime"];

    private static readonly string[] Parts = ["year", "month", "day"];

    private static readonly (string Format, string[] Names)[] Elapsed =
    [
        ("seconds", ["time", "seconds", "secs", "timeseconds", "dt", "elapsed", "timestamp", "timedelta"]),
        ("hours", ["step", "hours", "timehours"]), ("days", ["days", "timedays", "daynumber"]),
    ];

    /// <summary>The time at which labels became known: a name such as <c>chargeback_date</c>; null if there is none.</summary>
    public (SampleColumn Column, JsonObject Source)? LabelTime { get; private set; }

    public void Place()
    {
        var times = new List<(SampleColumn Column, TimeFormatGuess Format, double Score)>();
        foreach (var column in columns.Where(column => !mapping.IsUsed(column)))
        {
            if (TimeFormatGuess.Of(column) is not { } format || (column.IsNumeric && !column.HasWord(OfNumbers)))
            {
                continue;
            }
            if (column.HasWord("dob", "birth", "birthday", "birthdate", "born", "expiry", "expires", "expiration", "exp", "opened", "open"))
            {
                mapping.LeaveOut(column, "is a date of the customer or card, not of the payment");
            }
            else if (column.HasWord(OfLabels))
            {
                PlaceLabelTime(column, format);
            }
            else
            {
                times.Add((column, format, ScoreOf(column, format)));
            }
        }
        if (times.Count > 0)
        {
            var best = times.MaxBy(time => time.Score);
            PlaceColumn(best.Column, best.Format);
            foreach (var (column, _, _) in times)
            {
                mapping.LeaveOut(column, mapping.Has("event_time") ? "is another time; the event time was preferred by name and precision"
                    : "is a time whose format must be decided");
            }
        }
        else if (!PlaceParts() && !PlaceElapsed())
        {
            mapping.Decide("event_time: no column holds dates or absolute times, so the file has no time of payments that import can use");
        }
    }

    private static double ScoreOf(SampleColumn column, TimeFormatGuess format) =>
        (format.HasTime ? 2 : 0) + (column.HasWord(OfTimes) ? 1 : 0) + (column.HasWord(Later) ? -4 : 0)
        + (format.Format.Length == 0 ? -0.5 : 0)
        + (column.HasWord("tx", "trx", "txn", "trans", "transaction", "payment", "purchase", "event", "authorization", "auth") ? 1.5 : 0)
        + (TimeFormat.IsUnix(format.Format) ? 0.25 : 0) + (format.NeedsZone ? 0 : 0.5);

    private void PlaceLabelTime(SampleColumn column, TimeFormatGuess format)
    {
        if (format.Doubt is { } doubt)
        {
            mapping.LeaveOut(column, $"{doubt}; it may be the time of labels");
        }
        else if (LabelTime is null)
        {
            LabelTime = (column, SourceOf("column", column.Name, format.Format, format.NeedsZone));
            DecideZone("label.time", column.Name, format);
        }
    }

    private void PlaceColumn(SampleColumn column, TimeFormatGuess format)
    {
        if (format.Doubt is { } doubt)
        {
            mapping.Decide($"event_time: {column.Name} {doubt}");
            return;
        }
        var clock = format.HasTime || format.Format == TimeFormat.Excel ? null : FindClock(column);
        if (clock is not null)
        {
            Join(column, clock, format);
            return;
        }
        var confidence = (column.HasWord(OfTimes) ? 0.9 : 0.7) - (format.HasTime ? 0 : 0.2) - (format.NeedsZone ? 0.1 : 0);
        var source = SourceOf("column", column.Name, format.Format, format.NeedsZone);
        mapping.Place("event_time", source.Count == 1 ? JsonValue.Create(column.Name) : source, Math.Round(confidence, 2),
            string.Create(CultureInfo.InvariantCulture, $"{format.Share:P0} of its texts are times of the format {format.Format}"), column);
        DecideZone("event_time", column.Name, format);
        if (!format.HasTime)
        {
            mapping.Decide($"event_time: {column.Name} has days without a time of day, so features over minutes and hours mean nothing");
        }
    }

    private SampleColumn? FindClock(SampleColumn date) => columns.FirstOrDefault(column => column != date && !mapping.IsUsed(column)
        && !column.HasWord(OfLabels) && !column.HasWord(Later) && IsClock(column));

    private static bool IsClock(SampleColumn column) => column.Missing == 0
        && (column.AreAll(TextShape.IsTimeOfDay) || IsCompactClock(column));

    private static bool IsCompactClock(SampleColumn column) => column.HasWord("time", "hour") && column.AreAll(text => text.Length == 6
        && DateTime.TryParseExact(text, "HHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out _));

    private static string ClockFormatOf(SampleColumn clock) => IsCompactClock(clock) ? "HHmmss"
        : clock.Texts[0].Count(c => c == ':') == 2 ? "H:mm:ss" : "H:mm";

    private void Join(SampleColumn date, SampleColumn clock, TimeFormatGuess format)
    {
        var joined = $"{(format.Format == TimeFormat.Iso ? "yyyy-MM-dd" : format.Format)} {ClockFormatOf(clock)}";
        mapping.Place("event_time", SourceOf("expression", $"{date.InExpression} + ' ' + {clock.InExpression}", joined, true), 0.8,
            "a column of dates and one of times of day, joined", date, clock);
        DecideZone("event_time", $"the time of {date.Name} and {clock.Name}", format with { NeedsZone = true });
    }

    /// <summary>Joins columns of year, month and day, and one of times of day if there is one.</summary>
    private bool PlaceParts()
    {
        var parts = Parts.Select(part =>
            columns.FirstOrDefault(column => !mapping.IsUsed(column) && column.Core == part && column.IsNumeric)).ToList();
        if (parts is not [{ } year, { } month, { } day] || !year.AreAll(text => text.Length == 4))
        {
            return false;
        }
        var clock = FindClock(day);
        var date = $"{year.InExpression} + '-' + {month.InExpression} + '-' + {day.InExpression}";
        var source = clock is null ? SourceOf("expression", date, "yyyy-M-d", true)
            : SourceOf("expression", $"{date} + ' ' + {clock.InExpression}", $"yyyy-M-d {ClockFormatOf(clock)}", true);
        mapping.Place("event_time", source, clock is null ? 0.6 : 0.85, "columns of year, month, day and time of day, joined",
            clock is null ? [year, month, day] : [year, month, day, clock]);
        DecideZone("event_time", "the joined time", new TimeFormatGuess("", true, clock is not null, 1));
        return true;
    }

    private bool PlaceElapsed()
    {
        foreach (var (format, names) in Elapsed)
        {
            var column = columns.FirstOrDefault(column => !mapping.IsUsed(column) && column.IsNamed(names) && column.Missing == 0
                && column.AreAll(text => TextShape.TryNumber(text, out var number) && number is >= 0 and < 1e9));
            if (column is not null)
            {
                mapping.Place("event_time", new JsonObject { ["column"] = column.Name, ["format"] = format, ["origin"] = AssumedOrigin },
                    0.4,
                    $"numbers from 0, taken for {format} since the first payment", column);
                mapping.Decide($"event_time: the file has no absolute time; {column.Name} counts {format} from an unknown origin, and "
                    + $"{AssumedOrigin} is assumed; set origin, and check the unit");
                return true;
            }
        }
        return false;
    }

    private static JsonObject SourceOf(string kind, string text, string format, bool needsZone)
    {
        var source = new JsonObject { [kind] = text };
        if (format != TimeFormat.Iso)
        {
            source["format"] = format;
        }
        if (needsZone)
        {
            source["zone"] = "UTC";
        }
        return source;
    }

    private void DecideZone(string field, string name, TimeFormatGuess format)
    {
        if (format.NeedsZone)
        {
            mapping.Decide($"{field}: {name} has no offset from UTC; zone UTC is assumed, set the zone in which the times were written");
        }
    }
}
