using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Training.Inputs;

namespace FraudScoring.Training.Runs;

/// <summary>The files of the models folder that a run depends on, as they are when it begins.</summary>
/// <param name="Catalogue">The features.</param>
/// <param name="Policy">The decision policy beside them.</param>
/// <param name="Costs">What decisions cost.</param>
internal sealed record TrainingSettings(FeatureCatalogue Catalogue, DecisionPolicy Policy, DecisionCosts Costs)
{
    /// <summary>Reads them.</summary>
    /// <exception cref="InvalidDataException">One of them is faulty; all its faults are named.</exception>
    /// <exception cref="IOException">One of them cannot be read.</exception>
    public static TrainingSettings Load(TrainRequest request)
    {
        var catalogue = CatalogueFile.Load(request.Models);
        return new TrainingSettings(catalogue, PolicyFile.Load(request.Models, catalogue), CostsFile.Load(request.Costs, request.Models));
    }
}
