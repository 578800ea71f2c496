using FraudScoring.Core.Payments;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>The scored payments of the period, and the feature rows of a sample of them for the robustness runs.</summary>
/// <remarks>
/// One replay serves all gates. Rows are kept for the sample only: at 80 features, the rows of 500,000 payments would take 160 MB, and
/// as much again for each unseen field.
/// </remarks>
internal sealed class GateHistory
{
    private readonly List<double> _challenger = [];
    private readonly List<double> _champion = [];
    private readonly List<bool> _labels = [];
    private readonly List<TestPayment> _payments = [];
    private readonly List<int> _sample = [];
    private readonly List<float[]> _rows = [];
    private readonly IReadOnlyList<(SegmentField Field, List<string> Groups)> _segments;

    private GateHistory(GateSettings settings, LogSurvey survey)
    {
        _segments = [.. settings.Fairness.Segments.Select(name => (new SegmentField(name), Groups: new List<string>()))];
        Unseen = [.. settings.Robustness.UnseenFields.Select(name => (new UnseenValue(name, survey), Rows: new List<float[]>()))];
    }

    /// <summary>The payments of the period, labelled by the last label in the log, with the probabilities of both models.</summary>
    public GatePredictions Predictions(bool hasChampion) => new(
        [.. _challenger], hasChampion ? [.. _champion] : null, [.. _labels], _payments,
        [.. _segments.Select(segment => (segment.Field.Name, (IReadOnlyList<string>)segment.Groups))]);

    /// <summary>Day, card and traits of each payment.</summary>
    public IReadOnlyList<TestPayment> Payments => _payments;

    /// <summary>Feature rows of the sampled payments, which are spread evenly over the period.</summary>
    public IReadOnlyList<float[]> Rows => _rows;

    /// <summary>Indexes of the sampled payments; parallel to <see cref="Rows"/>.</summary>
    public IReadOnlyList<int> Sample => _sample;

    /// <summary>
    /// Per field, the rows that the sampled payments would have with an unseen value. Empty rows if no unseen value exists.
    /// </summary>
    public IReadOnlyList<(UnseenValue Value, List<float[]> Rows)> Unseen { get; }

    /// <summary>Replays a log and scores the payments of the period with both bundles, row by row as serving does.</summary>
    /// <exception cref="InvalidDataException">The period has no payments, only frauds or only legitimate payments.</exception>
    public static GateHistory Replay(
        GateInputs inputs, LabelBook book, LabelMaturity maturity, LogSurvey survey, IProgress<int> progress,
        CancellationToken cancellation)
    {
        var history = new GateHistory(inputs.Settings, survey);
        var replay = new HistoryReplay(inputs.Catalogue, inputs.Rates, inputs.LabelHorizonMs);
        var (wanted, all) = ((long)inputs.Settings.Robustness.Payments, (long)survey.PaymentsUntil(maturity.EndMs));
        replay.Run(EventLogReader.Read(inputs.Log, progress, cancellation), (payment, row) =>
        {
            if (payment.EventTimeMs >= inputs.FromMs && payment.EventTimeMs < maturity.EndMs)
            {
                history.Score(inputs, payment, row.Span, book.IsFraud(payment.TransactionId));
                // Keeps a payment whenever floor(number * wanted / all) steps up: exactly `wanted` payments, evenly spread and without
                // random numbers. A reservoir sample would need rows to be replaced, and with them their unseen-value rows.
                long number = history._labels.Count;
                if (all <= wanted || number * wanted / all > (number - 1) * wanted / all)
                {
                    history.Keep(replay, payment, row.Span);
                }
            }
        });
        return history._labels.Contains(true) && history._labels.Contains(false) ? history
            : throw new InvalidDataException($"{inputs.Log}: {ScoredHistory.WhyNotScored(history._labels.Count, maturity)}");
    }

    private void Score(GateInputs inputs, Payment payment, ReadOnlySpan<float> row, bool fraud)
    {
        _challenger.Add(Score(inputs.Challenger, row));
        if (inputs.Champion is { } champion)
        {
            _champion.Add(Score(champion, row));
        }
        _labels.Add(fraud);
        _payments.Add(TestPayment.Create(payment, inputs.Rates));
        foreach (var (field, groups) in _segments)
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
