using FraudScoring.Core.Profiles;

namespace FraudScoring.Server.Features;

/// <summary>Where a record is in the log.</summary>
/// <param name="Source">Its topic and partition, as <see cref="AppliedOffsets.SourceOf"/> numbers them.</param>
/// <param name="Offset">Its offset.</param>
internal readonly record struct RecordPosition(int Source, long Offset);
