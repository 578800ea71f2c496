namespace FraudScoring.Server.Admission;

/// <summary>Why a request was refused because of load. In snake case, the label reason of fraud_shed_total.</summary>
internal enum RefusalReason
{
    /// <summary>The service is overloaded, and the request has waited for too long.</summary>
    Wait,
    /// <summary>Too many payments are being scored.</summary>
    InFlight,
    /// <summary>Less time was left than payments take.</summary>
    Deadline,
    /// <summary>Time ran out while the payment was scored.</summary>
    Expired,
    /// <summary>Too many payments wait for the model's device.</summary>
    ModelQueue,
}
