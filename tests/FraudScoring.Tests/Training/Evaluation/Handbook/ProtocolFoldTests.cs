using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation.Handbook;
using FraudScoring.V1;
using Google.Protobuf.WellKnownTypes;
using MillisecondsPer = FraudScoring.Core.Payments.MillisecondsPer;

namespace FraudScoring.Tests.Training.Evaluation.Handbook;

public sealed class ProtocolFoldTests
{
    private const long Hour = MillisecondsPer.Hour, Day = MillisecondsPer.Day;

    private static readonly DateTime Test = new(2018, 8, 8, 0, 0, 0, DateTimeKind.Utc);

    private static readonly ProtocolFold Single = new(DayOf(Test));

    [Test]
    public void Of_TheHandbooksTestDay_GivesItsDates()
    {
        Assert.That(Dates(FoldSet.Single), Is.EqualTo(new[] { "2018-08-08" }));
        string[] tests = ["2018-08-08", "2018-08-15", "2018-08-22", "2018-08-29"];
        Assert.That(Dates(FoldSet.Prequential), Is.EqualTo(tests));
        Assert.That(Dates(FoldSet.Both), Is.EqualTo(tests));
        Assert.That(Dates(FoldSet.Validation), Is.EqualTo(new[] { "2018-07-04", "2018-07-11", "2018-07-18", "2018-07-25" }));
        Assert.That(ProtocolFold.Date(Single.WeekDay), Is.EqualTo("2018-07-25"), "the single split's training week");
        Assert.That(ProtocolFold.Date(Single.DelayDay), Is.EqualTo("2018-08-01"));
        Assert.That(ProtocolFold.Date(Single.EndDay), Is.EqualTo("2018-08-15"));
        Assert.That(Single.TestMs, Is.EqualTo(Ms(Test)));

        string[] Dates(FoldSet set) => [.. ProtocolFolds.Create(set, Single.TestDay).Select(fold => ProtocolFold.Date(fold.TestDay))];
    }

    [TestCase(7, 0, "2018-07-25 00:00", "2018-07-31 23:59")]
    [TestCase(7, 24 * 7, "2018-07-25 00:00", "2018-07-31 23:59")]
    [TestCase(28, 1, "2018-07-04 00:00", "2018-07-31 23:59")]
    [TestCase(90, 24, "2018-05-03 00:00", "2018-07-31 23:59")]
    [TestCase(7, 24 * 9, "2018-07-25 00:00", "2018-07-29 23:59")]
    public void LearnsFrom_Payments_ThoseBeforeTheDelayWhoseLabelsAreKnown(int days, int delayHours, string first, string last)
    {
        var learned = Enumerable.Range(-120 * 24 * 60, 140 * 24 * 60).Where(minute => minute % 59 == 0 || minute % 1440 is 0 or -1)
            .Select(minute => Test.AddMinutes(minute)).Where(time => Single.LearnsFrom(Ms(time), days, delayHours * Hour)).ToArray();
        Assert.That((Text(learned[0]), Text(learned[^1])), Is.EqualTo((first, last)));
    }

    [Test]
    public void LearnsFrom_LabelExactlyWhenTheTestBegins_IsNotKnown()
    {
        var time = Single.TestMs - (10 * Day);
        Assert.That(Single.LearnsFrom(time, 7, 10 * Day), Is.False);
        Assert.That(Single.LearnsFrom(time, 7, (10 * Day) - 1), Is.True);
    }

    [Test]
    public void TestDay_HandbooksSpan_IsTheHandbooks() => Assert.That(
        ProtocolFolds.TestDay(Book("2018-04-01", "2018-09-30"), null), Is.EqualTo(Single.TestDay));

    [Test]
    public void TestDay_OtherSpan_MustBeGiven()
    {
        var book = Book("2020-01-01", "2020-03-30");
        Assert.That(() => ProtocolFolds.TestDay(book, null), Throws.ArgumentException.With.Message
            .EqualTo("--test-start: must be given: the log's payments are from 2020-01-01 to 2020-03-30, "
                + "not the Handbook's 2018-04-01 to 2018-09-30"));
        Assert.That(ProtocolFold.Date(ProtocolFolds.TestDay(book, new DateOnly(2020, 2, 20))), Is.EqualTo("2020-02-20"));
    }

    [Test]
    public void Check_LogTooShortAtBothEnds_NamesEverySplitThatHasNoRoom()
    {
        var book = Book("2020-01-01", "2020-03-15");
        var folds = ProtocolFolds.Create(FoldSet.Prequential, ProtocolFold.DayOf(new DateOnly(2020, 2, 1)));
        Assert.That(() => ProtocolFolds.Check(folds, 7, book), Throws.Nothing);
        Assert.That(() => ProtocolFolds.Check(folds, 28, book), Throws.ArgumentException.With.Message
            .Contains("test of 2020-02-01: 28 training days begin on 2019-12-28").And.Message.Not.Contains("test of 2020-02-08"));
        folds = ProtocolFolds.Create(FoldSet.Prequential, ProtocolFold.DayOf(new DateOnly(2020, 2, 20)));
        Assert.That(() => ProtocolFolds.Check(folds, 40, book), Throws.ArgumentException.With.Message
            .Contains("test of 2020-02-20: 40 training days begin on 2020-01-04")
            .Or.Message.Contains("test of 2020-03-12: ends on 2020-03-18"));
    }

    private static LabelBook Book(string first, string last) => LabelBook.Create(new[] { first, last }.Select(day => new EventLogRecord
    {
        Transaction = new TransactionEvent
        {
            Payment = new Payment
            {
                EventTime = Timestamp.FromDateTime(DateTime.SpecifyKind(
                DateTime.Parse(day, System.Globalization.CultureInfo.InvariantCulture).AddHours(12), DateTimeKind.Utc))
            },
        },
    }));

    private static int DayOf(DateTime time) => ProtocolFold.DayOf(DateOnly.FromDateTime(time));

    private static long Ms(DateTime time) => new DateTimeOffset(time).ToUnixTimeMilliseconds();

    private static string Text(DateTime time) => time.ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);
}
