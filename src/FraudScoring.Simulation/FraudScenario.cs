namespace FraudScoring.Simulation;

/// <summary>The pattern that made a simulated payment a fraud. Known only to the simulator, never part of a payment or a label.</summary>
public enum FraudScenario
{
    /// <summary>A legitimate payment.</summary>
    None = 0,
    /// <summary>The Handbook's scenario 1: an amount over 220.</summary>
    LargeAmount = 1,
    /// <summary>The Handbook's scenario 2: a terminal that is compromised for 28 days.</summary>
    CompromisedTerminal = 2,
    /// <summary>The Handbook's scenario 3: a customer whose details leaked; a third of 14 days' payments are five times as large.</summary>
    CompromisedCustomer = 3,
    /// <summary>One device tries many cards with small amounts within minutes, and spends on those that pass.</summary>
    CardTesting = 4,
    /// <summary>An account used from a new device in another country, with amounts well above its mean.</summary>
    AccountTakeover = 5,
    /// <summary>A copied card used at a terminal far away, too soon after a payment at home.</summary>
    ImpossibleTravel = 6,
}
