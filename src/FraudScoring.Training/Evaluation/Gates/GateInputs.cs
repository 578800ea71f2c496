using FraudScoring.Core.Catalogue;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>What is put to the gates.</summary>
/// <param name="Log">Path of the event log.</param>
/// <param name="FromMs">Payments from this time on are scored; earlier ones only make history.</param>
/// <param name="Catalogue">The catalogue in force.</param>
/// <param name="Challenger">The bundle that is to be promoted.</param>
/// <param name="Champion">The bundle it is held against; null for the first model.</param>
/// <param name="Settings">The limits.</param>
/// <param name="SettingsHash">SHA-256 of the settings' file.</param>
/// <param name="Waivers">Gates that may fail, and who answers for it.</param>
internal sealed record GateInputs(
    string Log, long FromMs, FeatureCatalogue Catalogue, Ensemble Challenger, Ensemble? Champion,
    GateSettings Settings, string SettingsHash, IReadOnlyList<Waiver> Waivers);
