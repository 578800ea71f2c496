using FraudScoring.Core.Payments;

namespace FraudScoring.Simulation;

/// <summary>One thing that happens in a simulation: a payment is made, or a label arrives. Exactly one of the two is set.</summary>
/// <param name="Payment">The payment, or null.</param>
/// <param name="Scenario">The pattern behind the payment; <see cref="FraudScenario.None"/> for legitimate ones and for labels.</param>
/// <param name="Label">The label, or null.</param>
public readonly record struct SimulatedEvent(Payment? Payment, FraudScenario Scenario, Label? Label)
{
    /// <summary>When it happens: event time of a payment, label time of a label, in milliseconds since the Unix epoch.</summary>
    public long TimeMs => Payment?.EventTimeMs ?? Label!.LabelTimeMs;
}
