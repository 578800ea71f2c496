namespace FraudScoring.Inference.Batching;

/// <summary>State of a circuit breaker.</summary>
public enum CircuitState
{
    /// <summary>In use.</summary>
    Closed,
    /// <summary>Failed; not used until a pause is over.</summary>
    Open,
    /// <summary>A single probe tests whether it works again.</summary>
    HalfOpen,
    /// <summary>Permanently unused: it cannot do what is required, and another attempt would not change that.</summary>
    Refused,
}
