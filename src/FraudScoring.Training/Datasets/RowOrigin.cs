namespace FraudScoring.Training.Datasets;

/// <summary>
/// Which payment a row is: when it happened, from when on its label is known, and whose it is. By default all happened at once, are known,
/// and are of one card.
/// </summary>
/// <param name="EventMs">Event time, milliseconds since the Unix epoch.</param>
/// <param name="KnownMs">When it became known as a fraud; of no meaning for a legitimate payment.</param>
/// <param name="Card">Hash of the card's token.</param>
internal readonly record struct RowOrigin(long EventMs, long KnownMs, long Card = 0);
