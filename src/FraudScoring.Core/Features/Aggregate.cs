using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Core.Features;

/// <summary>Computes an aggregate. Allocates nothing.</summary>
/// <returns>The value; NaN if it is missing.</returns>
internal delegate double AggregateEvaluator(in AggregateReading reading, in AggregateInstruction instruction);

/// <summary>Returns whether a value is limited by the capacity of the profile, so that the true one may be larger.</summary>
internal delegate bool AggregateLimit(EntityProfile profile, in AggregateInstruction instruction, long nowMs);

/// <summary>A complete aggregate: its definition for the catalogue, and its computation.</summary>
internal sealed class Aggregate : AggregateDefinition
{
    public required AggregateEvaluator Evaluate { get; init; }

    /// <summary>Detects a value that is limited by the capacity of the profile; null if that never happens or cannot be detected.</summary>
    public AggregateLimit? IsLimited { get; init; }
}
