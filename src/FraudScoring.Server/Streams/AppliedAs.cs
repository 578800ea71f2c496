namespace FraudScoring.Server.Streams;

/// <summary>What a record was to a profile.</summary>
internal enum AppliedAs
{
    /// <summary>The profile has applied the record before, and is unchanged.</summary>
    Known,
    /// <summary>The record was applied.</summary>
    New,
    /// <summary>
    /// The profile has the payment from another record. Nothing is counted, but the offset has advanced and must be stored.
    /// </summary>
    Copy,
}
