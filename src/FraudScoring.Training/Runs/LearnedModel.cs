using FraudScoring.Training.Datasets;
using FraudScoring.Training.Learners;

namespace FraudScoring.Training.Runs;

/// <summary>An ensemble with all it was learned from.</summary>
/// <param name="Book">The log's labels and span.</param>
/// <param name="Split">How the log was cut.</param>
/// <param name="History">Its rows.</param>
/// <param name="Search">The parameters, and what was tried to find them.</param>
/// <param name="Ensemble">What came out.</param>
internal sealed record LearnedModel(LabelBook Book, TimeSplit Split, ReplayedHistory History, SearchResult Search, TrainedEnsemble Ensemble);
