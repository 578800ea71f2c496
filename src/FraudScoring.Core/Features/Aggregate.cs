using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Profiles;

namespace FraudScoring.Core.Features;

/// <summary>Computes an aggregate. Allocates nothing.</summary>
/// <returns>The value; NaN when it is missing.</returns>
internal delegate double AggregateEvaluator(in AggregateReading reading, in AggregateInstruction instruction);

/// <summary>True when a value is limited by how much the profile keeps.</summary>
internal delegate bool AggregateLimit(EntityProfile profile, in AggregateInstruction instruction, long nowMs);

/// <summary>An aggregate with all there is to it: what the catalogue knows, and how it is computed.</summary>
internal sealed class Aggregate : AggregateDefinition
{
    /// <summary>How it is computed.</summary>
    public required AggregateEvaluator Evaluate { get; init; }

    /// <summary>When its value is limited by how much a profile keeps; null when it never is, or cannot be told.</summary>
    public AggregateLimit? IsLimited { get; init; }
}
