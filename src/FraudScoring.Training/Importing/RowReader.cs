using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.V1;
using Currency = FraudScoring.Core.Payments.Currency;

namespace FraudScoring.Training.Importing;

/// <summary>
/// Turns a row's texts into a payment and its label. Validation is the service's own: a payment that the service would reject must not
/// be trained on either.
/// </summary>
internal sealed class RowReader(ImportMapping mapping, TokenHash tokens)
{
    private readonly Faults _paymentFaults = new();
    private readonly bool _hasIds = mapping.Texts.Any(text => text.Field.Name == "transaction_id");

    /// <summary>Reads a row; null if it has faults.</summary>
    /// <param name="row">The texts of the mapped columns. Texts that stand for a missing value are set to the empty text.</param>
    /// <param name="number">The row's number among the rows of all files, starting at 1.</param>
    /// <param name="faults">Receives the faults of the row.</param>
    public ImportedRow? Parse(string[] row, long number, Faults faults)
    {
        var before = faults.Count;
        EmptyMissing(row);
        var message = ReadMessage(row, number, faults);
        _paymentFaults.Clear();
        var payment = PaymentReader.Parse(message, PaymentLimits.AnyTime, 0, _paymentFaults);
        foreach (var fault in _paymentFaults)
        {
            // A field that could not be read is absent from the message; it is not reported a second time as missing.
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
            AddFault($"payment.{field.MessageName}", from.Parse(row, tokens, out var text), faults);
            field.Set(message, text);
        }
        if (!_hasIds)
        {
            message.TransactionId = string.Create(CultureInfo.InvariantCulture, $"row-{number}");
        }
        if (!AddFault("payment.event_time", mapping.EventTime.Parse(row[mapping.EventTime.Column], out var timeMs), faults))
        {
            message.EventTime = EventWriter.ToTimestamp(timeMs);
        }
        message.Amount = AmountOf(row[mapping.Amount.Column], message.Currency);
        ReadLocation(row, message);
        foreach (var attribute in mapping.Attributes)
        {
            ReadAttribute(row, attribute, message, faults);
        }
        return message;
    }

    /// <summary>The amount's text, rounded half away from zero if the mapping says so. Other texts are left to the validation.</summary>
    private string AmountOf(string text, string currency)
    {
        if (!mapping.Amount.Round || !Currency.TryGet(currency, out var known)
            || !decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var amount) || amount < 0)
        {
            return text;
        }
        return Math.Abs(Math.Round(amount, known.Digits, MidpointRounding.AwayFromZero))
            .ToString("F" + known.Digits, CultureInfo.InvariantCulture);
    }

    private void ReadLocation(string[] row, V1.Payment message)
    {
        if (mapping.Location is not { } columns || (row[columns.Latitude].Length == 0 && row[columns.Longitude].Length == 0))
        {
            return;
        }
        message.Location = new Location { Latitude = NumberOf(row[columns.Latitude]), Longitude = NumberOf(row[columns.Longitude]) };
    }

    private void ReadAttribute(string[] row, AttributeSource attribute, V1.Payment message, Faults faults)
    {
        if (AddFault($"payment.attributes[{attribute.Name}]", attribute.From.Parse(row, tokens, out var text), faults) || text.Length == 0)
        {
            return;
        }
        message.Attributes.Add(
            attribute.Name, attribute.IsNumber ? new AttributeValue { Number = NumberOf(text) } : new AttributeValue { Text = text });
    }

    /// <summary>NaN if the text is not a number; the validation rejects it for every field.</summary>
    private static double NumberOf(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;

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
        if (!AddFault("label.label_time", time.Parse(row[time.Column], out var timeMs), faults) && timeMs < eventMs)
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
