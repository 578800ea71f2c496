using FraudScoring.Core.Catalogue;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Inputs of a gate run.</summary>
/// <param name="Log">Path of the event log.</param>
/// <param name="FromMs">
/// Start of the period, in milliseconds since the Unix epoch. Earlier payments are replayed into profiles but not scored.
/// </param>
/// <param name="Catalogue">The active feature catalogue.</param>
/// <param name="Rates">The exchange rates.</param>
/// <param name="LabelHorizonMs">Longest time from a payment to a label without tokens that still finds it, in milliseconds.</param>
/// <param name="MatureShare">Share of frauds that must be labelled for a day to be tested on, 0 to less than 1.</param>
/// <param name="Challenger">The bundle to promote.</param>
/// <param name="Champion">The bundle to compare with; null for the first model.</param>
/// <param name="Settings">The limits.</param>
/// <param name="SettingsHash">SHA-256 of the settings file, hexadecimal.</param>
/// <param name="Waivers">Gates that may fail, with the person responsible and the reason.</param>
internal sealed record GateInputs(
    string Log, long FromMs, FeatureCatalogue Catalogue, ExchangeRates Rates, long LabelHorizonMs, double MatureShare,
    Ensemble Challenger, Ensemble? Champion, GateSettings Settings, string SettingsHash, IReadOnlyList<Waiver> Waivers)
{
    /// <summary>Counts the payments that are replayed with an unknown amount.</summary>
    public PaymentsWithoutRate WithoutRate { get; } = new(Rates);
}
