using FraudScoring.Core.Decisions;

namespace FraudScoring.Tests.Core.Decisions;

public sealed class ScoreMovesTests
{
    private static readonly Thresholds Limits = new(0.2, 0.5, 0.8);

    [Test]
    public void Of_SomeMove_CountsDecisionsAndMeasuresMoves()
    {
        var moves = ScoreMoves.Compute([0.1, 0.3, 0.6, 0.9, 0.1], [0.1, 0.1, 0.9, 0.9, 0.3], _ => Limits);
        Assert.That(moves.Payments, Is.EqualTo(5));
        Assert.That(moves.DecisionsChanged, Is.EqualTo(0.6).Within(1e-12));
        Assert.That(moves.FlagsLost, Is.EqualTo(1 / 3.0).Within(1e-12));
        Assert.That(moves.FlagsAdded, Is.EqualTo(0.5).Within(1e-12));
        Assert.That(moves.MeanMove, Is.EqualTo(0.14).Within(1e-12));
        Assert.That(moves.LargestMove, Is.EqualTo(0.3).Within(1e-12));
    }

    [Test]
    public void Of_NothingMoves_IsZero() =>
        Assert.That(ScoreMoves.Compute([0.1, 0.9], [0.1, 0.9], _ => Limits), Is.EqualTo(new ScoreMoves(2, 0, 0, 0, 0, 0)));

    [Test]
    public void Of_NotANumber_IsNoSmallMove() =>
        Assert.That(ScoreMoves.Compute([0.1, 0.9], [0.1, double.NaN], _ => Limits).MeanMove, Is.NaN);

    [Test]
    public void Of_BadInput_NamesIt()
    {
        Assert.That(() => ScoreMoves.Compute([], [], _ => Limits), Throws.ArgumentException);
        Assert.That(() => ScoreMoves.Compute([1], [1, 2], _ => Limits), Throws.ArgumentException.With.Message.Contains("after"));
    }
}
