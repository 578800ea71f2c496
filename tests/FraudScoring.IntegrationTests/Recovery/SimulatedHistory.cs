using FraudScoring.Inference.Contracts;
using FraudScoring.Simulation;
using FraudScoring.V1;
using Google.Protobuf;
using Label = FraudScoring.Core.Payments.Label;
using MillisecondsPer = FraudScoring.Core.Payments.MillisecondsPer;
using Payment = FraudScoring.Core.Payments.Payment;

namespace FraudScoring.IntegrationTests.Recovery;

/// <summary>One record of the log.</summary>
/// <param name="IsLabel">Whether the record belongs to the labels topic instead of the transactions topic.</param>
/// <param name="Key">The card's token.</param>
/// <param name="Value">The event in protobuf.</param>
internal readonly record struct LogRecord(bool IsLabel, string Key, byte[] Value);

/// <summary>
/// Two months of payments and labels with the irregularities of a real payment system: 5 % of the events arrive late and out of order, 1 %
/// of the payments are written twice, a fifth of the labels are corrected later, some of them again, and another fifth name only their
/// transaction.
/// </summary>
/// <remarks>
/// Of the corrected labels, those that name only their transaction are of entities with few labels: a label that waits for its payment is
/// published after its correction, which must not have left the list by then.
/// </remarks>
internal sealed class SimulatedHistory
{
    private const int PaymentsOfACustomer = 100;
    private const int HourMs = (int)MillisecondsPer.Hour;

    // A quarter of the labels that every kind of entity keeps exactly: there are corrections of corrections.
    private const int FewLabels = 2;

    private readonly List<(long Position, LogRecord Record)> _records = [];
    private readonly List<Payment> _payments = [];
    private readonly List<Label> _labels = [];
    private readonly Dictionary<string, int> _labelsByToken = [];
    private readonly Random _random;
    private readonly bool _labelsNameTokens;

    private SimulatedHistory(int payments, int seed, bool labelsNameTokens)
    {
        (_random, _labelsNameTokens) = (new Random(seed), labelsNameTokens);
        var options = new SimulationOptions
        {
            Customers = payments / PaymentsOfACustomer, Terminals = payments / PaymentsOfACustomer, Radius = 20, Days = 90,
            Seed = (ulong)seed,
        };
        var happenings = Draw(options, payments);
        foreach (var token in happenings.SelectMany(happening => TokensOf(happening.Label)))
        {
            _labelsByToken[token] = _labelsByToken.GetValueOrDefault(token) + 1;
        }
        foreach (var happening in happenings)
        {
            if (happening.Payment is not null)
            {
                Add(happening.Payment);
            }
            else
            {
                Add(happening.Label!);
            }
        }
        Records = [.. _records.OrderBy(record => record.Position).Select(record => record.Record)];
    }

    /// <summary>The log, in the order in which it is written.</summary>
    public IReadOnlyList<LogRecord> Records { get; }

    /// <summary>Every payment, without repetitions.</summary>
    public IReadOnlyList<Payment> Payments => _payments;

    /// <summary>Every label, with all tokens of its payment.</summary>
    public IReadOnlyList<Label> Labels => _labels;

    /// <summary>Generates a history. The same seed gives the same history.</summary>
    /// <param name="payments">Number of payments.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="labelsNameTokens">Whether all labels carry their tokens.</param>
    public static SimulatedHistory Draw(int payments, int seed, bool labelsNameTokens) => new(payments, seed, labelsNameTokens);

    private static List<SimulatedEvent> Draw(SimulationOptions options, int payments)
    {
        var happenings = new List<SimulatedEvent>();
        foreach (var happening in PaymentSimulator.Run(options))
        {
            happenings.Add(happening);
            payments -= happening.Payment is null ? 0 : 1;
            if (payments == 0)
            {
                break;
            }
        }
        return happenings;
    }

    private static IEnumerable<string> TokensOf(Label? label) =>
        new[] { label?.Card, label?.Account, label?.Device, label?.IpAddress, label?.Merchant }.OfType<string>();

    private bool HasFewLabels(Label label) => TokensOf(label).All(token => _labelsByToken[token] <= FewLabels);

    private void Add(Payment payment)
    {
        _payments.Add(payment);
        var record = new LogRecord(false, payment.Card, new TransactionEvent { Payment = EventWriter.ToProto(payment) }.ToByteArray());
        var position = Place(record);
        if (_random.Next(100) == 0)
        {
            _records.Add((position + _random.Next(1, 200), record));
        }
    }

    private void Add(Label label)
    {
        _labels.Add(label);
        var record = RecordOf(label);
        var position = Place(record.Record);
        // Corrections follow in the log, but most of them after their label has left the exact list.
        while (_random.Next(5) == 0 && (record.IsNamed || HasFewLabels(label)))
        {
            label = new Label
            {
                TransactionId = label.TransactionId, EventTimeMs = label.EventTimeMs,
                LabelTimeMs = label.LabelTimeMs + _random.Next(1, 200 * HourMs), Fraud = _random.Next(5) == 0 ? label.Fraud : !label.Fraud,
                Source = "correction", Card = label.Card, Account = label.Account, Device = label.Device,
                IpAddress = label.IpAddress, Merchant = label.Merchant,
            };
            _labels.Add(label);
            position += _random.Next(1, 5_000);
            record = RecordOf(label);
            _records.Add((position, record.Record));
        }
    }

    private long Place(LogRecord record)
    {
        var late = _random.Next(1000) switch { < 5 => _random.Next(20_000), < 50 => _random.Next(2000), _ => 0 };
        _records.Add((_payments.Count + late, record));
        return _payments.Count + late;
    }

    private (LogRecord Record, bool IsNamed) RecordOf(Label label)
    {
        var message = EventWriter.ToProto(label);
        var isNamed = _labelsNameTokens || _random.Next(5) > 0;
        if (!isNamed)
        {
            message.CardToken = message.AccountToken = message.DeviceToken = message.IpAddress = message.MerchantId = "";
        }
        return (new LogRecord(true, label.Card!, message.ToByteArray()), isNamed);
    }
}
