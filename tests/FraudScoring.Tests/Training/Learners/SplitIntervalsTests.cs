using FraudScoring.Training.Learners;

namespace FraudScoring.Tests.Training.Learners;

public sealed class SplitIntervalsTests
{
    private static readonly float[] Probes =
    [
        .. new[]
        {
            0f, 1e-36f, 1e-35f, 1e-34f, 0.1f, 0.3f, 0.5f, 1, 1.5f, 2, 2.9f, 3, 4, 5, 39, 40, 63, 64, 1e9f,
            float.MaxValue, float.PositiveInfinity,
        }
            .SelectMany(v => new[] { v, -v, MathF.BitIncrement(v), MathF.BitDecrement(v) }),
    ];

    [Test]
    public void Floor_RandomThresholds_KeepsEveryComparison()
    {
        var random = new Random(4);
        for (var i = 0; i < 20_000; i++)
        {
            var threshold = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-30, 39));
            var floor = SplitIntervals.Floor(threshold);
            foreach (var x in new[] { floor, MathF.BitIncrement(floor), MathF.BitDecrement(floor), (float)threshold })
            {
                Assert.That(x <= floor, Is.EqualTo(x <= threshold), $"{x:R} against {threshold:R}");
            }
        }
    }

    [TestCase(0, 3, 4, 39)]
    [TestCase(1)]
    [TestCase(0, 1, 2, 63)]
    public void Of_Categories_SendsWholePartsInTheSetLeft(params int[] categories)
    {
        var intervals = SplitIntervals.Create(new LightGbmSplit(0, 0, categories, MissingKind.None, true, ~0, ~1, 1));

        foreach (var x in Probes)
        {
            // On x86-64, where LightGBM runs, converting a too large value to int gives a negative number.
            var code = Math.Abs(x) < int.MaxValue ? (int)x : int.MinValue;
            Assert.That(GoesLeft(intervals, x), Is.EqualTo(code >= 0 && categories.Contains(code)), $"{x:R}");
        }
        Assert.That(intervals.All[intervals.Missing].Left, Is.False, "NaN goes right");
    }

    [Test]
    public void Of_ZeroMissing_SendsZerosTheDefaultWay(
        [Values(-1e300, -2, -1.0000000180025095e-35, 0, 1.0000000180025095e-35, 0.3, double.PositiveInfinity)] double threshold,
        [Values] bool defaultLeft)
    {
        var intervals = SplitIntervals.Create(new LightGbmSplit(0, threshold, null, MissingKind.Zero, defaultLeft, ~0, ~1, 1));

        foreach (var x in Probes)
        {
            var wanted = Math.Abs(x) <= 1e-35f ? defaultLeft : x <= threshold;
            Assert.That(GoesLeft(intervals, x), Is.EqualTo(wanted), $"{x:R}");
        }
        Assert.That(intervals.All[intervals.Missing].Left, Is.EqualTo(defaultLeft));
    }

    [TestCase(0.5, MissingKind.None, false, true)]
    [TestCase(-0.5, MissingKind.None, true, false)]
    [TestCase(0.5, MissingKind.NaN, false, false)]
    [TestCase(-0.5, MissingKind.NaN, true, true)]
    public void Of_Numeric_SendsNaNAsLightGbmDoes(double threshold, object missing, bool defaultLeft, bool left)
    {
        var intervals = SplitIntervals.Create(new LightGbmSplit(0, threshold, null, (MissingKind)missing, defaultLeft, ~0, ~1, 1));

        Assert.That(intervals.All[intervals.Missing].Left, Is.EqualTo(left));
    }

    private static bool GoesLeft(SplitIntervals intervals, float x) => intervals.All.First(i => x <= i.Upper).Left;
}
