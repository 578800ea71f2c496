using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Training.Inputs;

namespace FraudScoring.Training.Runs;

/// <summary>The settings files that a run depends on, as read at its start.</summary>
/// <param name="Catalogue">The feature catalogue.</param>
/// <param name="Rates">The exchange rates.</param>
/// <param name="Policy">The decision policy.</param>
/// <param name="Costs">The decision costs.</param>
internal sealed record TrainingSettings(
    FeatureCatalogue Catalogue, ExchangeRates Rates, DecisionPolicy Policy, DecisionCosts Costs)
{
    /// <exception cref="InvalidDataException">A file is invalid; the message holds all its faults.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static TrainingSettings Load(TrainRequest request)
    {
        var catalogue = CatalogueFile.Load(request.Models);
        return new TrainingSettings(
            catalogue, RatesFile.Load(request.Rates, request.Models, catalogue), PolicyFile.Load(request.Models, catalogue),
            CostsFile.Load(request.Costs, request.Models));
    }
}
