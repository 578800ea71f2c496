namespace FraudScoring.Core.Payments;

/// <summary>Tokens that identify entities: of the payment of a label, or of the history to read or erase. Each may be missing.</summary>
public class EntityTokens
{
    /// <summary>Token of the card, or null.</summary>
    public string? Card { get; init; }

    /// <summary>Token of the account, or null.</summary>
    public string? Account { get; init; }

    /// <summary>Token of the device, or null.</summary>
    public string? Device { get; init; }

    /// <summary>The IP address in canonical form, or null.</summary>
    public string? IpAddress { get; init; }

    /// <summary>The merchant, or null.</summary>
    public string? Merchant { get; init; }

    /// <summary>True if at least one token is present.</summary>
    public bool HasEntity => (Card ?? Account ?? Device ?? IpAddress ?? Merchant) is not null;
}
