using System.Globalization;
using System.Text.Json.Nodes;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing.Guessing;

/// <summary>Finds the column of amounts, how numbers are written, and the currency.</summary>
internal sealed class AmountGuess(IReadOnlyList<SampleColumn> columns, GuessedMapping mapping)
{
    private const string AssumedCurrency = "EUR";

    private static readonly string[] Qualifiers =
    [
        "tx", "trx", "txn", "trans", "transaction", "payment", "purchase", "pmt", "total", "gross", "net", "local", "original", "billing",
        "order",
        "in", "minor", "units", "unit", "cents", "cent", "pence", "minorunits", "usd", "eur", "gbp", "authorized", "auth", "paid", "sale",
        "inr",
    ];

    private static readonly string[] Currencies = ["currency", "currencycode", "ccy", "curr", "cur", "isocurrency", "currencyiso"];

    private string? _signed;

    public void Place()
    {
        var candidates = columns.Where(column => !mapping.IsUsed(column) && RankOf(column) > 0)
            .Select(column => (Column: column, Format: new NumberFormatGuess(column)))
            .Where(candidate => candidate.Format.Count > 0 && candidate.Format.Others <= candidate.Format.Count / 20)
            .OrderByDescending(candidate => RankOf(candidate.Column)).ToList();
        if (candidates.Count == 0)
        {
            mapping.Decide("amount: no column is named and written like the amount of a payment");
        }
        else
        {
            PlaceAmount(candidates[0].Column, candidates[0].Format);
            foreach (var (column, _) in candidates.Skip(1))
            {
                mapping.LeaveOut(column, "is another amount; could be a number attribute");
            }
        }
        PlaceCurrency();
    }

    /// <summary>3 for an amount by name alone, 2 with words that qualify it, 1 for prices and values; 0 for no amount.</summary>
    private static int RankOf(SampleColumn column)
    {
        if (column.HasWord("amount", "amt"))
        {
            return column.IsNamed(["amount", "amt"]) ? 3 : column.Words.All(word => word is "amount" or "amt" || Qualifiers.Contains(word))
                ? 2 : 0;
        }
        return column.IsNamed(["price", "value", "total", "sum", "betrag", "importe", "montant"]) ? 1 : 0;
    }

    private void PlaceAmount(SampleColumn column, NumberFormatGuess format)
    {
        if (format.Decide() is not { } numbers)
        {
            mapping.Decide($"amount: {column.Name} does not say which separator is the decimal one ({format.Doubt}); set amount, decimal "
                + $"and thousands");
            mapping.LeaveOut(column, "is the amount, but its number format must be decided");
            return;
        }
        if (numbers.Decimal == ',')
        {
            mapping.Set("decimal", ",");
        }
        if (numbers.Thousands is { } thousands)
        {
            mapping.Set("thousands", thousands.ToString());
        }
        var (source, reasons) = (new JsonObject { ["column"] = column.Name }, new List<string> { "named and written like an amount" });
        if (format.LongFractions > 0)
        {
            source["round"] = true;
            reasons.Add(string.Create(CultureInfo.InvariantCulture,
                $"{format.LongFractions} have more than two decimals, so they are rounded"));
        }
        if (column.HasWord("cents", "cent", "pence", "minor", "minorunits") && !format.HasFractions)
        {
            source["minor_units"] = true;
            mapping.Decide($"amount: {column.Name} is taken for minor units (1234 is 12.34); check with an amount that you know");
        }
        if (format.Negatives > 0)
        {
            mapping.Decide(string.Create(CultureInfo.InvariantCulture,
                $"amount: {format.Negatives} of {format.Count} amounts in {column.Name} are ")
                + "negative and taken for refunds; if debits are negative, set \"negative\": \"payment\"");
        }
        NoteSigns(column, format, reasons);
        var isPlain = source.Count == 1;
        mapping.Place("amount", isPlain ? JsonValue.Create(column.Name) : source, RankOf(column) switch { 3 => 0.95, 2 => 0.85, _ => 0.5 },
            string.Join("; ", reasons), column);
    }

    private void NoteSigns(SampleColumn column, NumberFormatGuess format, List<string> reasons)
    {
        if (format.Signed == 0)
        {
            return;
        }
        var known = format.Signs.Select(sign => CurrencySigns.CurrenciesOf(sign)?[0] ?? "").Distinct().ToList();
        if (known is not [{ Length: > 0 } code])
        {
            mapping.Decide($"currency: the amounts in {column.Name} are in several currencies or have unknown signs; name a column of "
                + $"currencies");
            _signed = "";
            return;
        }
        (_signed, var sign) = (code, format.Signs.First());
        reasons.Add($"has the sign {sign}");
        if (CurrencySigns.CurrenciesOf(sign) is { Count: > 1 } meanings)
        {
            mapping.Decide($"currency: the sign {sign} may mean {string.Join(", ", meanings.Take(4))}; {code} is assumed");
        }
    }

    private void PlaceCurrency()
    {
        var column = columns.FirstOrDefault(column => !mapping.IsUsed(column) && column.Missing == 0
            && (column.IsNamed(Currencies) || column.Words.Any(word => word is "currency" or "ccy"))
            && column.AreAll(text => Currency.TryGet(text, out _)));
        if (column is not null)
        {
            mapping.Place("currency", column.Name, 0.95, "all texts are ISO 4217 codes", column);
        }
        else if (_signed is { Length: > 0 } code)
        {
            mapping.Place("currency", new JsonObject { ["constant"] = code }, 0.7, "sign next to the amounts");
        }
        else if (_signed is null && !mapping.Has("amount"))
        {
            mapping.Decide("currency: no column names one");
        }
        else if (_signed is null)
        {
            mapping.Place("currency", new JsonObject { ["constant"] = AssumedCurrency }, 0.1,
                "assumed: no column and no sign names a currency");
            mapping.Decide($"currency: nothing in the file names one, and {AssumedCurrency} is assumed; set the currency of the amounts");
        }
    }
}
