using System.Globalization;
using FraudScoring.Core.Catalogue;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Datasets;

/// <summary>The payments of a log with a bundle's scores.</summary>
/// <param name="Probabilities">Calibrated fraud probabilities.</param>
/// <param name="Labels">1 for fraud, 0 for legitimate, by the labels of the whole log.</param>
/// <param name="Payments">The payments.</param>
/// <param name="Ids">Transaction ids.</param>
internal sealed record ScoredHistory(
    double[] Probabilities, float[] Labels, IReadOnlyList<TestPayment> Payments, IReadOnlyList<string> Ids)
{
    /// <summary>
    /// Replays a log and scores the payments from a time until labels are no longer mature, with the ONNX graph that serves.
    /// </summary>
    /// <exception cref="InvalidDataException">There are no payments in that time, or all or none of them are frauds.</exception>
    public static ScoredHistory Score(
        string path, FeatureCatalogue catalogue, ExchangeRates rates, long labelHorizonMs, LabelBook book, Ensemble ensemble, long fromMs,
        LabelMaturity maturity, IProgress<int> progress, CancellationToken cancellation)
    {
        var (probabilities, labels, payments, ids) = (new List<double>(), new List<float>(), new List<TestPayment>(), new List<string>());
        var margins = new float[ensemble.Bundle.Manifest.Members.Count];
        new HistoryReplay(catalogue, rates, labelHorizonMs).Run(EventLogReader.Read(path, progress, cancellation), (payment, row) =>
        {
            if (payment.EventTimeMs >= fromMs && payment.EventTimeMs < maturity.EndMs)
            {
                probabilities.Add(ensemble.Run(row.Span, margins).Probability);
                labels.Add(book.IsFraud(payment.TransactionId) ? 1 : 0);
                payments.Add(TestPayment.Create(payment, rates));
                ids.Add(payment.TransactionId);
            }
        });
        return labels.Contains(0) && labels.Contains(1)
            ? new ScoredHistory([.. probabilities], [.. labels], payments, ids)
            : throw new InvalidDataException($"{path}: {WhyNotScored(labels.Count, maturity)}");
    }

    /// <summary>Why payments of a log cannot be evaluated: there are none, or all are of one class.</summary>
    public static string WhyNotScored(int payments, LabelMaturity maturity)
    {
        var why = payments == 0
            ? "contains no payments to score; set an earlier --from"
            : FormattableString.Invariant($"the {payments} payments to score are all frauds or all legitimate; ")
                + "set an earlier --from, or use a longer log";
        return maturity.ExcludedDays == 0 ? why : $"{why}. {maturity.Describe()}";
    }

    /// <summary>Writes transaction id, probability and label as CSV.</summary>
    public void Write(string path)
    {
        using var file = new PartialFile(path);
        using (var writer = new StreamWriter(file.Stream, leaveOpen: true) { NewLine = "\n" })
        {
            writer.WriteLine("transaction_id,fraud_probability,fraud");
            for (var i = 0; i < Ids.Count; i++)
            {
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Ids[i]},{Probabilities[i]:R},{Labels[i]}"));
            }
        }
        file.Complete();
    }
}
