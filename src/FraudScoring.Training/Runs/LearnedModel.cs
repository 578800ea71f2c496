using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;

namespace FraudScoring.Training.Runs;

/// <summary>A trained ensemble with the data and parameters it was trained on.</summary>
/// <param name="Book">The log's labels and time span.</param>
/// <param name="Maturity">Until when the log's labels are mature.</param>
/// <param name="Split">The parts of the log.</param>
/// <param name="History">The rows of the parts.</param>
/// <param name="Search">The parameters, and the trials that led to them.</param>
/// <param name="Ensemble">The ensemble.</param>
internal sealed record LearnedModel(
    LabelBook Book, LabelMaturity Maturity, TimeSplit Split, ReplayedHistory History, SearchResult Search, TrainedEnsemble Ensemble);
