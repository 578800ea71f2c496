namespace FraudScoring.Core.Statistics;

/// <summary>Payments grouped into the units that a bootstrap draws.</summary>
/// <remarks>
/// Payments of one card are correlated, so cards are drawn. With one card, or one that has nearly all payments or frauds, draws of cards
/// hardly differ, and an interval from them says that the result is certain. Below <see cref="LeastCards"/> effective cards, intervals are
/// computed from draws of cards and of payments, and the wider one counts. Refusing to judge was rejected: data without cards exist
/// (ULB's), and a difference over their payments still says something.
/// </remarks>
internal sealed class CardDraws
{
    /// <summary>
    /// Draws of fewer effective cards are not trusted on their own. Cluster methods are unreliable with 5 to 30 clusters (Cameron, Gelbach
    /// and Miller, 2008).
    /// </summary>
    public const double LeastCards = 20;

    private CardDraws(DrawnUnit unit, int[] numbers, int count) => (Unit, Numbers, Count) = (unit, numbers, count);

    public DrawnUnit Unit { get; }

    /// <summary>Number of each payment's unit, from 0.</summary>
    public int[] Numbers { get; }

    /// <summary>Number of units.</summary>
    public int Count { get; }

    /// <summary>The ways to draw: cards, and with too few of them payments as well.</summary>
    public static IReadOnlyList<CardDraws> Create(ReadOnlySpan<long> cards, ReadOnlySpan<bool> labels)
    {
        var numberOf = new Dictionary<long, int>();
        var numbers = new int[cards.Length];
        for (var i = 0; i < cards.Length; i++)
        {
            if (!numberOf.TryGetValue(cards[i], out numbers[i]))
            {
                numberOf.Add(cards[i], numbers[i] = numberOf.Count);
            }
        }
        var byCard = new CardDraws(DrawnUnit.Cards, numbers, numberOf.Count);
        return byCard.EffectiveCards(labels) >= LeastCards
            ? [byCard]
            : [byCard, new CardDraws(DrawnUnit.Payments, [.. Enumerable.Range(0, cards.Length)], cards.Length)];
    }

    /// <summary>Draws as many units as there are, and counts how often each was drawn.</summary>
    public static void Draw(RandomStream random, int[] drawn)
    {
        Array.Clear(drawn);
        for (var i = 0; i < drawn.Length; i++)
        {
            drawn[random.Below(drawn.Length)]++;
        }
    }

    /// <summary>
    /// The number of equally large cards that payments or frauds are spread over, whichever is less: (Σn)² / Σn² (Kish, 1965).
    /// </summary>
    private double EffectiveCards(ReadOnlySpan<bool> labels)
    {
        double[] payments = new double[Count], frauds = new double[Count];
        for (var i = 0; i < labels.Length; i++)
        {
            payments[Numbers[i]]++;
            frauds[Numbers[i]] += labels[i] ? 1 : 0;
        }
        return Math.Min(Effective(payments), frauds.Sum() == 0 ? double.PositiveInfinity : Effective(frauds));

        static double Effective(double[] counts) => counts.Sum() * counts.Sum() / counts.Sum(count => count * count);
    }
}
