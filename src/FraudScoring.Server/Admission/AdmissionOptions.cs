using System.ComponentModel.DataAnnotations;

namespace FraudScoring.Server.Admission;

/// <summary>Section "Admission": which requests are refused under overload.</summary>
internal sealed record AdmissionOptions
{
    public const string Section = "Admission";

    /// <summary>
    /// How long requests may wait for a thread, in milliseconds. If all requests of ten times this time have waited longer, the service is
    /// overloaded: requests that have waited for more than twice this time are then refused. Raise it only if short waits matter less than
    /// refusals.
    /// </summary>
    [Range(1, 1000)]
    public int TargetWaitMs { get; init; } = 2;

    /// <summary>
    /// Payments that are scored at the same time; further ones are refused. 0: 64 per processor. It limits memory, not load: raise it if
    /// Redis or the models answer slowly and payments are refused for the reason in_flight.
    /// </summary>
    [Range(0, 100_000)]
    public int MaxInFlight { get; init; }
}
