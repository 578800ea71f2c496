using System.Globalization;
using FraudScoring.Training.Importing;

namespace FraudScoring.Tests.Training.Importing;

public sealed class TimeSourceTests
{
    [TestCase("2018-04-01 00:00:31", "iso", "UTC", "2018-04-01T00:00:31Z")]
    [TestCase("2018-04-01T00:00:31.123456", "iso", "UTC", "2018-04-01T00:00:31.123Z")]
    [TestCase("2018-04-01", "iso", "UTC", "2018-04-01T00:00:00Z")]
    [TestCase("2018-07-01 12:00", "iso", "Europe/Berlin", "2018-07-01T10:00:00Z")]
    [TestCase("2018-01-01 12:00", "iso", "Europe/Berlin", "2018-01-01T11:00:00Z")]
    [TestCase("2018-10-28 02:30:00", "iso", "Europe/Berlin", "2018-10-28T01:30:00Z")]
    [TestCase("2018-04-01T00:00:31Z", "iso", null, "2018-04-01T00:00:31Z")]
    [TestCase("2018-04-01T00:00:31+05:30", "iso", null, "2018-03-31T18:30:31Z")]
    [TestCase("2018-04-01 00:00:31-08", "iso", null, "2018-04-01T08:00:31Z")]
    [TestCase("1522540831", "unix", null, "2018-04-01T00:00:31Z")]
    [TestCase("1522540831.25", "unix", null, "2018-04-01T00:00:31.25Z")]
    [TestCase("1522540831250", "unix_ms", null, "2018-04-01T00:00:31.25Z")]
    [TestCase("01/04/2018 00:00", "dd/MM/yyyy HH:mm", "UTC", "2018-04-01T00:00:00Z")]
    [TestCase("01.04.2018 00:00 +02:00", "dd.MM.yyyy HH:mm zzz", null, "2018-03-31T22:00:00Z")]
    public void Read_Times_MeanWhatTheMappingSays(string text, string format, string? zone, string expected)
    {
        Assert.That(Source(format, zone).Parse(text, TimeRange.Any, out var timeMs, out _), Is.Null);
        Assert.That(timeMs, Is.EqualTo(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds()));
    }

    [TestCase("2018-04-01 00:00:31", "iso", null, "has no offset from UTC")]
    [TestCase("2018-04-01T00:00:31Z", "iso", "UTC", "although the mapping names a zone")]
    [TestCase("2018-03-25 02:30:00", "iso", "Europe/Berlin", "does not exist in Europe/Berlin")]
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

    private static TimeSource Source(string format, string? zone) =>
        new(0, format, zone is null ? null : TimeZoneInfo.FindSystemTimeZoneById(zone));
}
