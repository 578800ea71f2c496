using FraudScoring.Core.Statistics;

namespace FraudScoring.Tests.Core.Statistics;

public sealed class CardPrecisionTests
{
    private readonly MetricOracle _oracle = new();

    [Test]
    public void PerDay_OraclesScores_EqualsTheProtocol()
    {
        var days = CardPrecision.PerDay(_oracle.Days, _oracle.Cards, _oracle.Scores, _oracle.Labels, 20);
        Assert.That(days.Select(day => day.Precision), Is.EqualTo(_oracle.Each("card_precision_at_20_per_day")).Within(1e-9));
        Assert.That(days.Select(day => day.Day), Is.EqualTo(Enumerable.Range(0, 7)));
    }

    [Test]
    public void Mean_OraclesScores_EqualsTheProtocol() => Assert.That(
        CardPrecision.Mean(_oracle.Days, _oracle.Cards, _oracle.Scores, _oracle.Labels, 20),
        Is.EqualTo(_oracle["card_precision_at_20"]).Within(1e-9));

    [Test]
    public void PerDay_CardFoundBefore_TakesNoPlaceLater()
    {
        var days = CardPrecision.PerDay([1, 1, 2, 2], [7, 8, 7, 8], [0.9, 0.1, 0.9, 0.1], [true, false, true, true], 1);
        Assert.That(days.Select(day => day.Precision), Is.EqualTo(new[] { 1.0, 1.0 }));
    }

    [Test]
    public void PerDay_CardLookedAtWithoutFraud_ComesBack()
    {
        var days = CardPrecision.PerDay([1, 1, 2, 2], [7, 8, 7, 8], [0.9, 0.1, 0.9, 0.1], [false, false, true, true], 1);
        Assert.That(days.Select(day => day.Precision), Is.EqualTo(new[] { 0.0, 1.0 }));
    }

    [Test]
    public void PerDay_TiesAtTheCut_GoByCard()
    {
        var days = CardPrecision.PerDay([1, 1, 1], [9, 3, 5], [0.5, 0.5, 0.5], [true, true, false], 1);
        Assert.That(days[0].Precision, Is.EqualTo(1));
        Assert.That(CardPrecision.PerDay([1, 1], [9, 3], [0.5, 0.5], [true, false], 1)[0].Precision, Is.Zero);
    }

    [Test]
    public void PerDay_FewerCardsThanPlaces_StillDividesByThePlaces() =>
        Assert.That(CardPrecision.PerDay([1], [1], [0.5], [true], 4)[0].Precision, Is.EqualTo(0.25));

    [Test]
    public void Ceiling_OraclesPayments_CountsEachFraudulentCardOnceAndIsNeverBelowAScore()
    {
        var ceiling = CardPrecision.Ceiling(_oracle.Days, _oracle.Cards, _oracle.Labels, 1000);
        var cards = _oracle.Cards.Where((_, i) => _oracle.Labels[i]).Distinct().Count();
        Assert.That(ceiling.Sum(day => day.Precision * 1000), Is.EqualTo(cards).Within(1e-9));
        Assert.That(CardPrecision.Ceiling(_oracle.Days, _oracle.Cards, _oracle.Labels, 20).Average(day => day.Precision),
            Is.GreaterThan(_oracle["card_precision_at_20"]));
    }

    [Test]
    public void PerDay_BadInput_NamesIt()
    {
        Assert.That(() => CardPrecision.PerDay([1], [1, 2], [0.5, 0.4], [true, false], 1),
            Throws.ArgumentException.With.Message.Contains("days and cards"));
        Assert.That(() => CardPrecision.PerDay([], [], [], [], 1), Throws.ArgumentException);
        Assert.That(() => CardPrecision.PerDay([1], [1], [0.5], [true], 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
