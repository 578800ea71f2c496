using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Training.Learners;

public sealed class TimeFoldTests
{
    [Test]
    public void Of_TimedRows_LearnsOnlyFromWhatHadHappenedAndWasKnown()
    {
        const int gapDays = 3, delayDays = 10;
        var rows = TimedRows.Make(12_000, seed: 1, delayDays);

        var folds = TimeFold.Cut(rows, 4, TimeSpan.FromDays(gapDays));

        var next = rows.Rows;
        foreach (var fold in folds.Reverse())
        {
            var begin = fold.Validation.Origins[0].EventMs;
            Assert.That(fold.Validation.Origins[^1].EventMs, Is.EqualTo((next - 1) * TimedRows.HourMs));
            Assert.That(fold.Train.Origins[0].EventMs, Is.Zero);
            Assert.That(fold.Train.Origins[^1].EventMs, Is.EqualTo(begin - (gapDays * 24 * TimedRows.HourMs) - TimedRows.HourMs));
            for (var row = 0; row < fold.Train.Rows; row++)
            {
                var known = rows.Labels[row] > 0 && rows.Origins[row].Known.FirstMs <= begin;
                Assert.That(fold.Train.Labels[row] > 0, Is.EqualTo(known));
            }
            Assert.That(fold.Validation.Labels.ToArray(),
                Is.EqualTo(rows.Slice(next - fold.Validation.Rows, fold.Validation.Rows).Labels.ToArray()));
            next -= fold.Validation.Rows;
        }
        Assert.That(next, Is.EqualTo(rows.Rows * 2 / 5));
        Assert.That(folds[^1].Train.Frauds, Is.LessThan(rows.Slice(0, folds[^1].Train.Rows).Frauds), "later labels were not known yet");
    }

    [Test]
    public void Of_RowsWithoutTimes_LearnsFromAllBeforeWithAllLabels()
    {
        var rows = SyntheticRows.Make(9_000, seed: 1);

        var folds = TimeFold.Cut(rows, 3, TimeSpan.FromDays(7));

        Assert.That(folds.Select(f => f.Train.Rows), Is.EqualTo(new[] { 3_600, 5_400, 7_200 }));
        Assert.That(folds.Select(f => f.Train.Frauds), Is.EqualTo(folds.Select(f => rows.Slice(0, f.Train.Rows).Frauds)));
    }

    [Test]
    public void Of_TooFewFrauds_NamesEveryFoldAndWhatToDo()
    {
        var rows = TimedRows.Make(1_000, seed: 1, delayDays: 400);

        Assert.That(() => TimeFold.Cut(rows, 3, TimeSpan.FromDays(100)), Throws.ArgumentException.With.Message
            .Contains("fold 1: has 0 frauds among 0 rows to train on").And.Message.Contains("fold 2").And.Message.Contains("fold 3")
            .And.Message.Contains("use fewer folds"));
    }

    [Test]
    public void AsKnownAt_ATime_KeepsOnlyTheLabelsOfThen()
    {
        var rows = TimedRows.Make(2_000, seed: 1, delayDays: 2).Slice(100, 1_500);

        var then = rows.AsKnownAt(1_000 * TimedRows.HourMs);

        var expected = Enumerable.Range(0, rows.Rows).Select(row => rows.Labels[row] > 0 && row + 100 + 48 <= 1_000 ? 1f : 0);
        Assert.That(then.Labels.ToArray(), Is.EqualTo(expected));
        Assert.That(then.Row(7).ToArray(), Is.EqualTo(rows.Row(7).ToArray()));
        Assert.That(rows.AsKnownAt(long.MaxValue).Frauds, Is.EqualTo(rows.Frauds));
    }

    [Test]
    public void Select_Rows_KeepTheirTimes() =>
        Assert.That(TimedRows.Make(50, seed: 1, delayDays: 2).Select([7, 3]).Origins.ToArray().Select(t => t.EventMs / TimedRows.HourMs),
            Is.EqualTo(new[] { 7, 3 }));
}
