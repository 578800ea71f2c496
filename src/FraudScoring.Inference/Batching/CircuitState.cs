namespace FraudScoring.Inference.Batching;

/// <summary>Whether something that may fail is in use, in the terms of a circuit breaker.</summary>
public enum CircuitState
{
    /// <summary>It is in use.</summary>
    Closed,
    /// <summary>It failed, and is kept away until a pause ends.</summary>
    Open,
    /// <summary>One probe is finding out whether it works.</summary>
    HalfOpen,
    /// <summary>It is kept away for good: it cannot do what is asked, and trying again would not change that.</summary>
    Refused,
}
