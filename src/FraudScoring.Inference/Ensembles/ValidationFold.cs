namespace FraudScoring.Inference.Ensembles;

/// <summary>How the members predicted a fold of time-ordered validation.</summary>
/// <param name="Number">From 1, in order of time.</param>
/// <param name="From">Day of its first payment, UTC, such as 2018-05-21.</param>
/// <param name="To">Day of its last payment, UTC.</param>
/// <param name="Rows">Payments predicted.</param>
/// <param name="Frauds">Frauds among them.</param>
/// <param name="TrainRows">Earlier payments the members learned from.</param>
/// <param name="AveragePrecision">Of each member on the predicted payments, by name.</param>
public sealed record ValidationFold(
    int Number, string From, string To, int Rows, int Frauds, int TrainRows, SortedDictionary<string, double> AveragePrecision);
