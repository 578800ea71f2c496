namespace FraudScoring.Training.Datasets;

/// <summary>
/// The payment behind a row: when it was made, when it was known as fraud, and its card. The default value means unknown: all rows
/// then have the same time and card, and all labels count as known.
/// </summary>
/// <param name="EventMs">Event time, milliseconds since the Unix epoch.</param>
/// <param name="Known">When the payment was known as fraud.</param>
/// <param name="Card">Hash of the card's token.</param>
internal readonly record struct RowOrigin(long EventMs, FraudTimes Known, long Card = 0);
