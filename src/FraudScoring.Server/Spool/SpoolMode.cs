namespace FraudScoring.Server.Spool;

/// <summary>When a decision is written to the spool. Each mode loses less than the one before it when the process is killed.</summary>
internal enum SpoolMode
{
    /// <summary>Never. A kill loses every decision that Kafka has not acknowledged.</summary>
    Off,
    /// <summary>While Kafka does not acknowledge decisions. A kill loses at most the decisions in flight.</summary>
    OnOutage,
    /// <summary>Always, before it is sent to Kafka. A kill loses at most the batch that is not committed yet.</summary>
    Always,
    /// <summary>Always, and the answer waits until it is on disk. A kill loses nothing that was answered.</summary>
    Acknowledge,
}

/// <summary>What happens to payments while the spool is full.</summary>
internal enum SpoolFullAction
{
    /// <summary>Payments are refused with UNAVAILABLE, and the service is not ready.</summary>
    Refuse,
    /// <summary>Payments are answered without a record of the decision; the answer says so (UNRECORDED).</summary>
    ScoreWithoutRecord,
    /// <summary>The oldest records in the spool are deleted.</summary>
    DropOldest,
}
