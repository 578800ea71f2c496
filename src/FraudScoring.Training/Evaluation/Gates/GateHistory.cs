using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>The payments of the period as both bundles score them, and some of their rows to be changed.</summary>
internal sealed class GateHistory
{
    private readonly List<double> _challenger = [];
    private readonly List<double> _champion = [];
    private readonly List<bool> _labels = [];
    private readonly List<TestPayment> _payments = [];
    private readonly List<int> _sample = [];
    private readonly List<float[]> _rows = [];

    private GateHistory(GateSettings settings, LogSurvey survey)
    {
        Segments = [.. settings.Fairness.Segments.Select(name => (new SegmentField(name), Groups: new List<string>()))];
        Unseen = [.. settings.Robustness.UnseenFields.Select(name => (new UnseenValue(name, survey), Rows: new List<float[]>()))];
    }

    /// <summary>The challenger's probabilities.</summary>
    public double[] Challenger => [.. _challenger];

    /// <summary>The champion's probabilities; empty without one.</summary>
    public double[] Champion => [.. _champion];

    /// <summary>True for a fraud, as the whole log tells.</summary>
    public bool[] Labels => [.. _labels];

    /// <summary>Day and card of each payment.</summary>
    public IReadOnlyList<TestPayment> Payments => _payments;

    /// <summary>By segment, the group of each payment.</summary>
    public IReadOnlyList<(SegmentField Field, List<string> Groups)> Segments { get; }

    /// <summary>Rows of some payments, spread evenly.</summary>
    public IReadOnlyList<float[]> Rows => _rows;

    /// <summary>Which payments <see cref="Rows"/> are of.</summary>
    public IReadOnlyList<int> Sample => _sample;

    /// <summary>By field, the rows the sampled payments would have with a value never seen; no rows when there is no such value.</summary>
    public IReadOnlyList<(UnseenValue Value, List<float[]> Rows)> Unseen { get; }

    /// <summary>Replays a log once and scores each payment from a time on by the graphs that serve.</summary>
    /// <exception cref="InvalidDataException">There is no payment from that time on, or none of one of the classes.</exception>
    public static GateHistory Replay(GateInputs inputs, LabelBook book, LogSurvey survey, IProgress<int> progress, CancellationToken cancellation)
    {
        var history = new GateHistory(inputs.Settings, survey);
        var replay = new HistoryReplay(inputs.Catalogue);
        var wanted = inputs.Settings.Robustness.Payments;
        replay.Run(EventLogReader.Read(inputs.Log, progress, cancellation), (payment, row) =>
        {
            if (payment.EventTimeMs >= inputs.FromMs)
            {
                history.Score(inputs, payment, row.Span, book.IsFraud(payment.TransactionId));
                // Every payment when there are fewer than wanted; else those where the sample's count steps up.
                long number = history._labels.Count, all = survey.Payments;
                if (all <= wanted || number * wanted / all > (number - 1) * wanted / all)
                {
                    history.Keep(replay, payment, row.Span);
                }
            }
        });
        return history._labels.Contains(true) && history._labels.Contains(false) ? history : throw new InvalidDataException(
            $"{inputs.Log}: of {history._labels.Count} payments to score, all or none are frauds; there is nothing to tell apart");
    }

    private void Score(GateInputs inputs, Payment payment, ReadOnlySpan<float> row, bool fraud)
    {
        _challenger.Add(Score(inputs.Challenger, row));
        if (inputs.Champion is { } champion)
        {
            _champion.Add(Score(champion, row));
        }
        _labels.Add(fraud);
        _payments.Add(TestPayment.Create(payment, inputs.Catalogue));
        foreach (var (field, groups) in Segments)
        {
            groups.Add(string.Intern(field.GroupOf(payment)));
        }
    }

    private static double Score(Ensemble ensemble, ReadOnlySpan<float> row)
    {
        Span<float> margins = stackalloc float[ensemble.Bundle.Manifest.Members.Count];
        return ensemble.Run(row, margins).Probability;
    }

    private void Keep(HistoryReplay replay, Payment payment, ReadOnlySpan<float> row)
    {
        _sample.Add(_labels.Count - 1);
        _rows.Add(row.ToArray());
        foreach (var (value, rows) in Unseen)
        {
            if (value.Exists)
            {
                var changed = new float[row.Length];
                replay.FillAs(value.In(payment), changed);
                rows.Add(changed);
            }
        }
    }
}
