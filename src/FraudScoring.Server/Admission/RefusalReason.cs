namespace FraudScoring.Server.Admission;

/// <summary>Why a payment was not answered, apart from its content. In snake case, the label reason of fraud_shed_total.</summary>
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
    /// <summary>As <see cref="Deadline"/> or <see cref="Expired"/>, but the caller had allowed less time than the budget.</summary>
    CallerDeadline,
    /// <summary>Too many payments wait for the model's device.</summary>
    ModelQueue,
    /// <summary>The caller left before its time was over. The last one: it has a counter of its own.</summary>
    Cancelled,
}
