using System.Globalization;
using CsCheck;
using FraudScoring.Training.Importing;

namespace FraudScoring.Tests.Training.Importing;

public sealed class TimeSourceTests
{
    [TestCase("2018-04-01 00:00:31", "iso", "UTC", "2018-04-01T00:00:31Z")]
    [TestCase("2018-04-01T00:00:31.123456", "iso", "UTC", "2018-04-01T00:00:31.123Z")]
    [TestCase("2018-04-01", "iso", "UTC", "2018-04-01T00:00:00Z")]
    [TestCase("2018-07-01 12:00", "iso", "Europe/Berlin", "2018-07-01T10:00:00Z")]
    [TestCase("2018-01-01 12:00", "iso", "Europe/Berlin", "2018-01-01T11:00:00Z")]
    [TestCase("2018-10-28 02:30:00", "iso", "Europe/Berlin", "2018-10-28T00:30:00Z")]
    [TestCase("2018-03-25 02:30:00", "iso", "Europe/Berlin", "2018-03-25T01:30:00Z")]
    [TestCase("2011-12-30 12:00:00", "iso", "Pacific/Apia", "2011-12-30T22:00:00Z", Description = "a day that was skipped")]
    [TestCase("2018-04-01T00:00:31Z", "iso", null, "2018-04-01T00:00:31Z")]
    [TestCase("2018-04-01T00:00:31+05:30", "iso", null, "2018-03-31T18:30:31Z")]
    [TestCase("2018-04-01 00:00:31-08", "iso", null, "2018-04-01T08:00:31Z")]
    [TestCase("1522540831", "unix", null, "2018-04-01T00:00:31Z")]
    [TestCase("1522540831.25", "unix", null, "2018-04-01T00:00:31.25Z")]
    [TestCase("1522540831250", "unix_ms", null, "2018-04-01T00:00:31.25Z")]
    [TestCase("1522540831250000", "unix_us", null, "2018-04-01T00:00:31.25Z")]
    [TestCase("1522540831250000000", "unix_ns", null, "2018-04-01T00:00:31.25Z")]
    [TestCase("1.52254083125E+18", "unix_ns", null, "2018-04-01T00:00:31.25Z")]
    [TestCase("43191.000358796296", "excel", "UTC", "2018-04-01T00:00:31Z")]
    [TestCase("43191", "excel", "Europe/Berlin", "2018-03-31T22:00:00Z")]
    [TestCase("01/04/2018 11:30 PM", "dd/MM/yyyy hh:mm tt", "UTC", "2018-04-01T23:30:00Z")]
    [TestCase("01/04/2018 00:00", "dd/MM/yyyy HH:mm", "UTC", "2018-04-01T00:00:00Z")]
    [TestCase("01.04.2018 00:00 +02:00", "dd.MM.yyyy HH:mm zzz", null, "2018-03-31T22:00:00Z")]
    public void Read_Times_MeanWhatTheMappingSays(string text, string format, string? zone, string expected)
    {
        Assert.That(Source(format, zone).Parse(text, TimeRange.Any, out var timeMs, out _), Is.Null);
        Assert.That(timeMs, Is.EqualTo(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds()));
    }

    [TestCase("2018-04-01 00:00:31", "iso", null, "has no offset from UTC")]
    [TestCase("2018-04-01T00:00:31Z", "iso", "UTC", "although the mapping names a zone")]
    [TestCase("noon", "excel", "UTC", "is not a number of days")]
    [TestCase("-1", "excel", "UTC", "is not a number of days")]
    [TestCase("x", "unix_ns", null, "is not a number of nanoseconds since 1970")]
    [TestCase("2018-04-31 00:00:00", "iso", "UTC", "is not a valid date and time")]
    [TestCase("2018-04-01 24:00:00", "iso", "UTC", "is not a valid date and time")]
    [TestCase("2018-04-01T00:00:00+19:00", "iso", null, "more than 18 hours")]
    [TestCase("01/04/2018", "iso", "UTC", "is not a time such as")]
    [TestCase("2018-04-01 00:00:31\n", "iso", "UTC", "is not a time such as")]
    [TestCase("", "iso", "UTC", "is required")]
    [TestCase("-1", "unix", null, "is not a number of seconds")]
    [TestCase("NaN", "unix_ms", null, "is not a number of milliseconds")]
    [TestCase("1e300", "unix", null, "is not a number of seconds")]
    [TestCase("2018-04-01", "dd/MM/yyyy", "UTC", "does not match the format")]
    public void Read_WhatIsNoTime_SaysWhy(string text, string format, string? zone, string expected) =>
        Assert.That(Source(format, zone).Parse(text, TimeRange.Any, out _, out _), Does.Contain(expected));

    [TestCase("1522544431000", "unix", "is in the year 9999, after 2030-01-01 (--not-after); the number looks like milliseconds: use the format unix_ms")]
    [TestCase("1522544431", "unix_ms", "is in the year 1970, before 1995-01-01 (--not-before); the number looks like seconds: use the format unix")]
    [TestCase("1522544431000000", "unix_ms", "is in the year 9999, after 2030-01-01 (--not-after); the number looks like microseconds: use the format unix_us")]
    [TestCase("1522544431000000000", "unix", "is in the year 9999, after 2030-01-01 (--not-after); the number looks like nanoseconds: use the format unix_ns")]
    [TestCase("1522544431", "excel", "is in the year 9999, after 2030-01-01 (--not-after); the number looks like seconds: use the format unix")]
    [TestCase("1522544431", "iso", "is not a time such as \"2018-04-01 00:00:31\"; set its format in the mapping; the number looks like seconds: use the format unix")]
    [TestCase("1899-12-31", "iso", "is in the year 1899, before 1995-01-01 (--not-before)")]
    [TestCase("0001-01-01 00:00:00", "iso", "is in the year 0001, before 1995-01-01 (--not-before)")]
    [TestCase("9999-12-31", "iso", "is in the year 9999, after 2030-01-01 (--not-after)")]
    [TestCase("7", "unix", "is in the year 1970, before 1995-01-01 (--not-before)")]
    public void Read_ImplausibleTime_NamesTheLikelyUnit(string text, string format, string expected) =>
        Assert.That(Source(format, format is "iso" or "excel" ? "Asia/Tokyo" : null).Parse(text, Plausible, out _, out _), Is.EqualTo(expected));

    [TestCase("seconds", "3600.5", 3_600_500)]
    [TestCase("minutes", "1", 60_000)]
    [TestCase("hours", "743", 2_674_800_000)]
    [TestCase("days", "0.333333333333333", 28_800_000)]
    [TestCase("days", "-1", -86_400_000)]
    public void Read_ElapsedTime_CountsFromTheOrigin(string format, string text, long ms)
    {
        var source = Source(format, null) with { OriginMs = 1_512_086_400_000 };
        Assert.That((source.Parse(text, Plausible, out var timeMs, out _), timeMs), Is.EqualTo((default(string), 1_512_086_400_000 + ms)));
    }

    [Test]
    public void Read_AnyNumber_IsATimeOrAFault() => Gen.OneOf(Gen.Double, Gen.Double[-1e22, 1e22], Gen.Double[0, 1e5]).Sample(number =>
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        foreach (var format in new[] { "unix", "unix_ms", "unix_us", "unix_ns", "excel", "seconds", "days", "iso" })
        {
            var problem = Source(format, format == "excel" ? "Europe/Berlin" : null).Parse(text, Plausible, out var timeMs, out _);
            if (problem is null != Plausible.Contains(timeMs) && problem is null)
            {
                return false;
            }
        }
        return true;
    }, iter: 2_000);

    /// <summary>java.time's rule, by brute force: every instant around a local time is converted back.</summary>
    [Test]
    public void ToUnixMs_AnyLocalTime_IsTheEarliestInstantWithThatTimeOrTheTimeBehindTheGap()
    {
        var zones = new[] { "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata", "UTC" }
            .Select(TimeZoneInfo.FindSystemTimeZoneById).ToArray();
        Gen.Select(Gen.Int[0, zones.Length - 1], Gen.Int[0, 4 * 366 * 48]).Sample((at, halfHours) =>
        {
            var (zone, local) = (zones[at], new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Unspecified).AddMinutes(30 * halfHours));
            var instants = Enumerable.Range(-16 * 4, 32 * 4).Select(quarter => local.AddMinutes(15 * quarter))
                .Where(utc => utc + zone.GetUtcOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc)) == local).ToList();
            var actual = DateTimeOffset.FromUnixTimeMilliseconds(LocalClock.ToUnixMs(local, zone, out var change)).UtcDateTime;
            return change == (instants.Count == 0 ? ClockChange.Skipped : instants.Count == 1 ? ClockChange.None : ClockChange.Repeated)
                && (instants.Count > 0 ? actual == instants[0]
                    : actual + zone.GetUtcOffset(actual) is var shown && shown > local && shown - local <= TimeSpan.FromHours(1));
        }, iter: 20_000);
    }

    private static readonly TimeRange Plausible = new(
        new DateTimeOffset(1995, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(),
        new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds());

    private static TimeSource Source(string format, string? zone) =>
        new(0, format, zone is null ? null : TimeZoneInfo.FindSystemTimeZoneById(zone));
}
