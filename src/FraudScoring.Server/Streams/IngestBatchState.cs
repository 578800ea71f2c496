namespace FraudScoring.Server.Streams;

/// <summary>Where a batch is on its path. It only moves on, and back to <see cref="Filling"/> from anywhere.</summary>
internal enum IngestBatchState
{
    /// <summary>Takes records.</summary>
    Filling,
    /// <summary>Takes no more records. It is being found out which came before; profiles may be read, and nothing may be written.</summary>
    Claiming,
    /// <summary>It is known which records came before. May be written.</summary>
    Claimed,
    /// <summary>All its records are in the profiles.</summary>
    Written,
    /// <summary>What follows from its records is done too. Its offsets may be checkpointed.</summary>
    Completed,
}
