namespace FraudScoring.Training.Learners;

/// <summary>When a payment happened, and from when on its label is known. By default all happened at once and are known.</summary>
/// <param name="EventMs">Event time, milliseconds since the Unix epoch.</param>
/// <param name="KnownMs">When it became known as a fraud; of no meaning for a legitimate payment.</param>
internal readonly record struct RowTimes(long EventMs, long KnownMs);
