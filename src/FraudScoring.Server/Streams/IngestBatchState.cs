namespace FraudScoring.Server.Streams;

/// <summary>Where a batch is on its path. It only moves forward, or from any state back to <see cref="Filling"/>.</summary>
internal enum IngestBatchState
{
    /// <summary>Accepts records.</summary>
    Filling,
    /// <summary>Accepts no more records; duplicates are being determined. Profiles may be read, but not written.</summary>
    Claiming,
    /// <summary>Duplicates are known. Profiles may be written.</summary>
    Claimed,
    /// <summary>All its records are in the profiles.</summary>
    Written,
    /// <summary>The follow-up work is done too. Its offsets may be checkpointed.</summary>
    Completed,
}
