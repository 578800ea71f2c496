using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.V1;

namespace FraudScoring.Training.Importing;

/// <summary>
/// Turns a row's texts into a payment and its label. Validation is the service's own: a payment that the service would reject must not
/// be trained on either.
/// </summary>
/// <param name="mapping">The mapping.</param>
/// <param name="tokens">The hash of identifiers.</param>
/// <param name="times">The times that payments and labels may have.</param>
internal sealed class RowReader(ImportMapping mapping, TokenHash tokens, TimeRange times)
{
    private readonly Faults _found = new();
    private readonly Faults _paymentFaults = new();
    private readonly bool _hasIds = mapping.Texts.Any(text => text.Field.Name == "transaction_id");
    private readonly AmountReader _amounts = new(mapping.Amount, mapping.Numbers);
    private long _payments, _skippedTimes, _repeatedTimes;

    /// <summary>Number of rows that are refunds.</summary>
    public long Refunds { get; private set; }

    /// <summary>Number of rows that the mapping's filter left out.</summary>
    public long Filtered { get; private set; }

    /// <summary>Why the rows must not be used, although each of them is valid by itself; null if they may be.</summary>
    public string? Refusal => _amounts.Refusal;

    /// <summary>What is doubtful about the rows read so far.</summary>
    public IReadOnlyList<string> Warnings() => Refunds <= _payments ? [.. _amounts.Warnings()]
        :
        [
            string.Create(CultureInfo.InvariantCulture, $"{Refunds:#,0} rows are refunds, more than the {_payments:#,0} payments: ")
                + "if negative amounts are debits, set \"negative\": \"payment\" in the mapping's amount",
            .. _amounts.Warnings(),
        ];

    /// <summary>What was changed in the rows read so far.</summary>
    public IReadOnlyList<string> Notes()
    {
        var notes = new List<string>();
        if (_skippedTimes > 0)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{_skippedTimes:#,0} local times do not exist, because the clocks skipped them; they were moved forward"));
        }
        if (_repeatedTimes > 0)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{_repeatedTimes:#,0} local times occurred twice, because the clocks were set back; the earlier instant was taken"));
        }
        return notes;
    }

    /// <summary>Reads a row; null if it has faults, or, without a fault, if it is a refund or is filtered.</summary>
    /// <param name="row">
    /// The texts of the mapped columns. Texts that stand for a missing value are set to the empty text, and computed ones are set.
    /// </param>
    /// <param name="number">The row's number among the rows of all files, starting at 1.</param>
    /// <param name="faults">Receives the faults of the row.</param>
    public ImportedRow? Parse(string[] row, long number, Faults faults)
    {
        EmptyMissing(row);
        mapping.Columns.Compute(row);
        if (mapping.Filter?.Test(row) == false)
        {
            Filtered++;
            return null;
        }
        var found = _found;
        found.Clear();
        var message = ReadMessage(row, number, found, out var isRefund);
        if (isRefund)
        {
            Refunds++;
            return null;
        }
        _paymentFaults.Clear();
        var payment = PaymentReader.Parse(message, PaymentLimits.AnyTime, 0, _paymentFaults);
        var before = found.Count;
        foreach (var fault in _paymentFaults)
        {
            // A field that could not be read is absent from the message; it is not reported a second time as missing.
            if (found.Take(before).All(known => known.Field != fault.Field))
            {
                found.Add(fault);
            }
        }
        var (labelMs, fraud) = ReadLabel(row, payment?.EventTimeMs, found);
        if (found.Count > 0)
        {
            faults.AddRange(found);
            return null;
        }
        _payments++;
        return new ImportedRow(number, payment!, labelMs, fraud);
    }

    private void EmptyMissing(string[] row)
    {
        if (mapping.Missing.Count == 0)
        {
            return;
        }
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = mapping.Missing.Contains(row[i]) ? "" : row[i];
        }
    }

    private V1.Payment ReadMessage(string[] row, long number, Faults faults, out bool isRefund)
    {
        var message = new V1.Payment();
        foreach (var (field, from) in mapping.Texts)
        {
            if (!AddFault($"payment.{field.MessageName}", from.Parse(row, tokens, out var text), faults))
            {
                field.Set(message, text);
            }
        }
        if (!_hasIds)
        {
            message.TransactionId = string.Create(CultureInfo.InvariantCulture, $"row-{number}");
        }
        if (!AddFault("payment.event_time", ReadTime(mapping.EventTime, row, out var timeMs), faults))
        {
            message.EventTime = EventWriter.ToTimestamp(timeMs);
        }
        var problem = _amounts.Parse(row[mapping.Amount.Column], message.Currency, out var amount, out isRefund);
        AddFault("payment.amount", problem, faults);
        message.Amount = amount;
        ReadLocation(row, message, faults);
        foreach (var attribute in mapping.Attributes)
        {
            ReadAttribute(row, attribute, message, faults);
        }
        return message;
    }

    private string? ReadTime(TimeSource source, string[] row, out long timeMs)
    {
        var problem = source.Parse(row[source.Column], times, out timeMs, out var change);
        _skippedTimes += problem is null && change == ClockChange.Skipped ? 1 : 0;
        _repeatedTimes += problem is null && change == ClockChange.Repeated ? 1 : 0;
        return problem;
    }

    private void ReadLocation(string[] row, V1.Payment message, Faults faults)
    {
        if (mapping.Location is not { } columns || (row[columns.Latitude].Length == 0 && row[columns.Longitude].Length == 0))
        {
            return;
        }
        AddFault("payment.location.latitude", mapping.Numbers.Parse(row[columns.Latitude], out var latitude), faults);
        AddFault("payment.location.longitude", mapping.Numbers.Parse(row[columns.Longitude], out var longitude), faults);
        message.Location = new Location { Latitude = latitude, Longitude = longitude };
    }

    private void ReadAttribute(string[] row, AttributeSource attribute, V1.Payment message, Faults faults)
    {
        var field = $"payment.attributes[{attribute.Name}]";
        if (AddFault(field, attribute.From.Parse(row, tokens, out var text), faults) || text.Length == 0)
        {
            return;
        }
        if (!attribute.IsNumber)
        {
            message.Attributes.Add(attribute.Name, new AttributeValue { Text = text });
        }
        else if (!AddFault(field, mapping.Numbers.Parse(text, out var number), faults))
        {
            message.Attributes.Add(attribute.Name, new AttributeValue { Number = number });
        }
    }

    private (long? TimeMs, bool Fraud) ReadLabel(string[] row, long? eventMs, Faults faults)
    {
        if (mapping.Label is not { } label || row[label.Column].Length == 0)
        {
            return (null, false);
        }
        var fraud = label.Fraud.Contains(row[label.Column]);
        if (!fraud && !label.Legitimate.Contains(row[label.Column]))
        {
            AddFault("label.fraud", "holds a text that means neither fraud nor legitimate; add it to the mapping's label", faults);
            return (null, false);
        }
        if (!fraud && label.FraudsOnly)
        {
            return (null, false);
        }
        if (label.Time is not { } time)
        {
            return (eventMs + label.DelayMs, fraud);
        }
        if (!AddFault("label.label_time", ReadTime(time, row, out var timeMs), faults) && timeMs < eventMs)
        {
            AddFault("label.label_time", "is before the payment's event time", faults);
        }
        return (timeMs, fraud);
    }

    /// <summary>Adds a fault, if there is one; returns whether there is.</summary>
    private static bool AddFault(string field, string? problem, Faults faults)
    {
        if (problem is not null)
        {
            faults.Add(field, problem);
        }
        return problem is not null;
    }
}

/// <summary>A valid row.</summary>
/// <param name="Number">Its number among the rows of all files, starting at 1.</param>
/// <param name="Payment">The payment.</param>
/// <param name="LabelMs">When its label became known, milliseconds since the Unix epoch; null without a label.</param>
/// <param name="Fraud">True if the label says fraud.</param>
internal sealed record ImportedRow(long Number, Core.Payments.Payment Payment, long? LabelMs, bool Fraud);
