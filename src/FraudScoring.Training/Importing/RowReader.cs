using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.V1;
using Currency = FraudScoring.Core.Payments.Currency;

namespace FraudScoring.Training.Importing;

/// <summary>Makes a checked payment, and what became known of it, of a row's texts. The checks are those of the service.</summary>
internal sealed class RowReader(ImportMapping mapping, TokenHash tokens)
{
    private readonly Faults _paymentFaults = new();
    private readonly bool _hasIds = mapping.Texts.Any(text => text.Field.Name == "transaction_id");

    /// <summary>Reads a row; null when it has faults.</summary>
    /// <param name="row">The texts of the mapped columns; those that mean missing are emptied.</param>
    /// <param name="number">The row's number among all rows, from 1.</param>
    /// <param name="faults">Gets what is wrong with the row.</param>
    public ImportedRow? Parse(string[] row, long number, Faults faults)
    {
        var before = faults.Count;
        EmptyMissing(row);
        var message = ReadMessage(row, number, faults);
        _paymentFaults.Clear();
        var payment = PaymentReader.Parse(message, PaymentLimits.AnyTime, 0, _paymentFaults);
        foreach (var fault in _paymentFaults)
        {
            // A field that could not even be read is not blamed a second time for being missing.
            if (faults.Skip(before).All(known => known.Field != fault.Field))
            {
                faults.Add(fault);
            }
        }
        var (labelMs, fraud) = ReadLabel(row, payment?.EventTimeMs, faults);
        return faults.Count > before ? null : new ImportedRow(number, payment!, labelMs, fraud);
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

    private V1.Payment ReadMessage(string[] row, long number, Faults faults)
    {
        var message = new V1.Payment();
        foreach (var (field, from) in mapping.Texts)
        {
            Note($"payment.{field.MessageName}", from.Parse(row, tokens, out var text), faults);
            field.Set(message, text);
        }
        if (!_hasIds)
        {
            message.TransactionId = string.Create(CultureInfo.InvariantCulture, $"row-{number}");
        }
        if (!Note("payment.event_time", mapping.EventTime.Parse(row[mapping.EventTime.Slot], out var timeMs), faults))
        {
            message.EventTime = EventWriter.ToTimestamp(timeMs);
        }
        message.Amount = AmountOf(row[mapping.Amount.Slot], message.Currency);
        ReadLocation(row, message);
        foreach (var attribute in mapping.Attributes)
        {
            ReadAttribute(row, attribute, message, faults);
        }
        return message;
    }

    /// <summary>The amount's text, rounded half away from zero where that was asked for; what is no number is left to the checks.</summary>
    private string AmountOf(string text, string currency)
    {
        if (!mapping.Amount.Round || !Currency.TryGet(currency, out var known)
            || !decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var amount) || amount < 0)
        {
            return text;
        }
        return Math.Abs(Math.Round(amount, known.Digits, MidpointRounding.AwayFromZero)).ToString("F" + known.Digits, CultureInfo.InvariantCulture);
    }

    private void ReadLocation(string[] row, V1.Payment message)
    {
        if (mapping.Location is not { } slots || (row[slots.Latitude].Length == 0 && row[slots.Longitude].Length == 0))
        {
            return;
        }
        message.Location = new Location { Latitude = NumberOf(row[slots.Latitude]), Longitude = NumberOf(row[slots.Longitude]) };
    }

    private void ReadAttribute(string[] row, AttributeSource attribute, V1.Payment message, Faults faults)
    {
        if (Note($"payment.attributes[{attribute.Name}]", attribute.From.Parse(row, tokens, out var text), faults) || text.Length == 0)
        {
            return;
        }
        message.Attributes.Add(attribute.Name, attribute.IsNumber ? new AttributeValue { Number = NumberOf(text) } : new AttributeValue { Text = text });
    }

    /// <summary>A text that is no number becomes NaN, which no field accepts.</summary>
    private static double NumberOf(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;

    private (long? TimeMs, bool Fraud) ReadLabel(string[] row, long? eventMs, Faults faults)
    {
        if (mapping.Label is not { } label || row[label.Slot].Length == 0)
        {
            return (null, false);
        }
        var fraud = label.Fraud.Contains(row[label.Slot]);
        if (!fraud && !label.Legitimate.Contains(row[label.Slot]))
        {
            Note("label.fraud", "has a text that means neither fraud nor legitimate; name it in the mapping's label", faults);
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
        if (!Note("label.label_time", time.Parse(row[time.Slot], out var timeMs), faults) && timeMs < eventMs)
        {
            Note("label.label_time", "lies before the payment's time", faults);
        }
        return (timeMs, fraud);
    }

    private static bool Note(string field, string? problem, Faults faults)
    {
        if (problem is not null)
        {
            faults.Add(field, problem);
        }
        return problem is not null;
    }
}

/// <summary>A row that is right.</summary>
/// <param name="Number">Its number among all rows, from 1.</param>
/// <param name="Payment">The payment.</param>
/// <param name="LabelMs">When its label became known, milliseconds since the Unix epoch; null when it has none.</param>
/// <param name="Fraud">What the label says.</param>
internal sealed record ImportedRow(long Number, Core.Payments.Payment Payment, long? LabelMs, bool Fraud);
