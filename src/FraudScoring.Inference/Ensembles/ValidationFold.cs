namespace FraudScoring.Inference.Ensembles;

/// <summary>Quality of the members on one fold of time-ordered validation.</summary>
/// <param name="Number">Number of the fold, from 1, in order of time.</param>
/// <param name="From">Day of its first payment, UTC, such as 2018-05-21.</param>
/// <param name="To">Day of its last payment, UTC.</param>
/// <param name="Rows">Number of payments predicted.</param>
/// <param name="Frauds">Number of frauds among them.</param>
/// <param name="TrainRows">Number of earlier payments on which the members were trained.</param>
/// <param name="AveragePrecision">Average precision of each member on the predicted payments, by name.</param>
public sealed record ValidationFold(
    int Number, string From, string To, int Rows, int Frauds, int TrainRows, SortedDictionary<string, double> AveragePrecision);
