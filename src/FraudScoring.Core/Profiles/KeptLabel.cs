namespace FraudScoring.Core.Profiles;

/// <summary>A label that is kept individually, and its place among the labels of its payment.</summary>
/// <param name="Label">The label.</param>
/// <param name="EndMs">
/// Arrival of the first label after it that says the opposite, in milliseconds since the Unix epoch; <see cref="Never"/> if there is none.
/// </param>
/// <param name="Repeats">True if the payment was already known to be what this label says, by an earlier label.</param>
public readonly record struct KeptLabel(ProfileLabel Label, long EndMs, bool Repeats)
{
    /// <summary>End of a label that no other contradicts.</summary>
    public const long Never = long.MaxValue;

    /// <summary>
    /// True if, at a time, the payment was known to be what this label says, and this label is the one that made it so. Of the labels of a
    /// payment that are kept, this holds for at most one.
    /// </summary>
    /// <param name="nowMs">The time, milliseconds since the Unix epoch. A label counts from the moment after its arrival.</param>
    public bool CountsAt(long nowMs) => Label.LabelTimeMs < nowMs && EndMs >= nowMs && !Repeats;
}
