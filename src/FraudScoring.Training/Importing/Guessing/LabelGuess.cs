using System.Globalization;
using System.Text.Json.Nodes;

namespace FraudScoring.Training.Importing.Guessing;

/// <summary>Finds the column of labels, and which of its texts mean fraud.</summary>
internal sealed class LabelGuess(IReadOnlyList<SampleColumn> columns, GuessedMapping mapping)
{
    private const string AssumedDelay = "7d";
    private static readonly string[] Yes = ["1", "1.0", "true", "yes", "y", "t"];
    private static readonly string[] No = ["0", "0.0", "false", "no", "n", "f"];
    private static readonly string[] Fraud = ["fraud", "fraudulent", "chargeback", "bad", "confirmed_fraud", "confirmed fraud"];

    private static readonly string[] Legitimate =
        ["legitimate", "genuine", "legit", "good", "clean", "normal", "ok", "not fraud", "no fraud", "non-fraud", "nonfraud", "not_fraud",
        "no_fraud"];

    // Texts that import knows without lists.
    private static readonly string[] Known = [.. Yes, .. No, "fraud", "legitimate", "genuine"];

    private static readonly string[] Inverted =
    [
        "notfraud", "nofraud", "nonfraud", "isnotfraud", "isnonfraud", "islegit", "legit", "islegitimate", "legitimate", "genuine",
        "isgenuine",
        "cleared", "iscleared", "clean", "isclean", "good", "isgood", "isvalid",
    ];

    private static readonly string[] Names =
    [
        "isfraud", "fraud", "fraudulent", "isfraudulent", "fraudbool", "fraudflag", "fraudlabel", "fraudind", "fraudindicator",
        "fraudreported",
        "confirmedfraud", "isconfirmedfraud", "chargeback", "ischargeback", "chargebackflag", "haschargeback", "cbk", "iscbk",
    ];

    private static readonly string[] Vague = ["class", "label", "target", "islabel", "y", "outcome"];

    public void Place((SampleColumn Column, JsonObject Source)? time)
    {
        var candidates = columns.Where(column => !mapping.IsUsed(column) && RankOf(column) > 0 && IsBinary(column))
            .OrderByDescending(RankOf).ToList();
        if (candidates.Count == 0)
        {
            mapping.Decide("label: no column is named like a label and holds two texts such as 0 and 1; without labels, no model can be "
                + "trained");
            return;
        }
        PlaceLabel(candidates[0], time);
        foreach (var column in candidates.Skip(1))
        {
            mapping.LeaveOut(column, "may be another label");
        }
    }

    private static int RankOf(SampleColumn column) => column.HasWord("flagged", "score", "rule", "alert", "predicted", "prediction") ? 0
        : column.IsNamed(Inverted) ? 3 : column.IsNamed(Names) ? 4 : column.IsNamed(Vague) ? 2 : 0;

    private static bool IsBinary(SampleColumn column)
    {
        var texts = TextsOf(column);
        return texts.Count is 1 or 2 && texts.TrueForAll(text => MeaningOf(text) != null);
    }

    private static List<string> TextsOf(SampleColumn column) =>
        [.. column.Distinct.Select(text => text.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Whether a text affirms what the column's name says (1), or says fraud or legitimate by itself (2, -2).</summary>
    private static int? MeaningOf(string text) => Yes.Contains(text) ? 1 : No.Contains(text) ? -1
        : Fraud.Contains(text) ? 2 : Legitimate.Contains(text) ? -2 : null;

    private void PlaceLabel(SampleColumn column, (SampleColumn Column, JsonObject Source)? time)
    {
        var texts = TextsOf(column);
        var isInverted = column.IsNamed(Inverted);
        bool MeansFraud(string text) => MeaningOf(text) is 2 or 1 or -1 && (MeaningOf(text) == 2 || MeaningOf(text) > 0 != isInverted);
        var label = new JsonObject { ["column"] = column.Name };
        var (swaps, reason) = (isInverted && texts.Exists(text => MeaningOf(text) is 1 or -1), "named like a label, and holds two texts");
        if (swaps || texts.Exists(text => !Known.Contains(text)))
        {
            AddList(label, "fraud", swaps, [.. texts.Where(MeansFraud)]);
            AddList(label, "legitimate", swaps, [.. texts.Where(text => !MeansFraud(text))]);
        }
        if (swaps)
        {
            reason = "its name says legitimate, so yes means legitimate and no means fraud";
            mapping.Decide($"label: {column.Name} is named for legitimate payments, so {string.Join(" and ", texts.Where(MeansFraud))} is "
                + $"read as "
                + "fraud; check with a known fraud");
        }
        Note(column, column.ShareOf(text => MeansFraud(text.ToLowerInvariant())));
        if (time is { } known)
        {
            label["time"] = known.Source.DeepClone();
            mapping.Decide($"label: every labelled row must have a text in {known.Column.Name}; if only frauds have one, set "
                + $"\"frauds_only\": true");
            if (known.Column.Missing > 0)
            {
                label["frauds_only"] = true;
            }
        }
        else
        {
            label["delay"] = AssumedDelay;
            mapping.Decide($"label: no column says when labels became known; a delay of {AssumedDelay} is assumed");
        }
        mapping.Place("label", label, RankOf(column) switch { 4 => 0.95, 3 => 0.7, _ => 0.6 }, reason, time is { } at ? [column, at.Column]
            : [column]);
    }

    /// <summary>Adds a list of texts. A swapped list that would be empty still excludes the default meaning.</summary>
    private static void AddList(JsonObject label, string name, bool swaps, string[] texts)
    {
        string[] all = texts.Length > 0 ? texts : !swaps ? [] : name == "fraud" ? No : Yes;
        if (all.Length > 0)
        {
            label[name] = new JsonArray([.. all.Select(text => JsonValue.Create(text))]);
        }
    }

    private void Note(SampleColumn column, double share)
    {
        if (share > 0.5)
        {
            mapping.Decide(string.Create(CultureInfo.InvariantCulture, $"label: {share:P0} of {column.Name} would be fraud; ")
                + "check that fraud and legitimate are not confused");
        }
        if (column.IsNamed(Vague))
        {
            mapping.Decide($"label: the name {column.Name} does not say that it is about fraud, nor which text means it; 1 or yes is "
                + $"assumed");
        }
    }
}
