namespace FraudScoring.Training.Datasets;

/// <summary>
/// The payment behind a row: when it was made, when its fraud became known, and its card. The default value means unknown: all rows
/// then have the same time and card, and all labels count as known.
/// </summary>
/// <param name="EventMs">Event time, milliseconds since the Unix epoch.</param>
/// <param name="KnownMs">Time of its fraud label, milliseconds since the Unix epoch; meaningless for a legitimate payment.</param>
/// <param name="Card">Hash of the card's token.</param>
internal readonly record struct RowOrigin(long EventMs, long KnownMs, long Card = 0);
