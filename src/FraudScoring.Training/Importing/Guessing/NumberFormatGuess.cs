using System.Globalization;
using System.Text.RegularExpressions;

namespace FraudScoring.Training.Importing.Guessing;

/// <summary>How the numbers of a column of amounts are written.</summary>
internal sealed partial class NumberFormatGuess
{
    private readonly Dictionary<string, int> _signs = new(StringComparer.Ordinal);
    private int _decimalCommas, _decimalPoints, _threeAfterComma, _threeAfterPoint, _commaGroups, _pointGroups;

    /// <summary>Counts how the texts of a column are written.</summary>
    public NumberFormatGuess(SampleColumn column)
    {
        Count = column.Texts.Count;
        foreach (var text in column.Texts)
        {
            Survey(text);
        }
    }

    public int Count { get; }

    /// <summary>Number of texts that are no numbers in any format.</summary>
    public int Others { get; private set; }

    public int Negatives { get; private set; }

    /// <summary>Number of texts with more than two digits, other than trailing zeros, after a decimal separator.</summary>
    public int LongFractions { get; private set; }

    /// <summary>Whether any text has a fraction that is not zero.</summary>
    public bool HasFractions { get; private set; }

    /// <summary>Currency signs and codes next to the numbers.</summary>
    public IReadOnlyCollection<string> Signs => _signs.Keys;

    /// <summary>Number of texts with a currency sign or code.</summary>
    public int Signed => _signs.Values.Sum();

    /// <summary>The separator of thousands besides point and comma; null if there is none.</summary>
    public char? Space { get; private set; }

    /// <summary>The decimal separator, and the separator of thousands; null if the texts do not decide it.</summary>
    public NumberFormat? Decide()
    {
        var comma = _decimalCommas + _pointGroups;
        var point = _decimalPoints + _commaGroups;
        if (comma > 0 && point > 0)
        {
            return null;
        }
        if (comma > 0)
        {
            return new NumberFormat(',', _pointGroups + _threeAfterPoint > 0 ? '.' : Space);
        }
        if (point > 0)
        {
            return new NumberFormat('.', _commaGroups + _threeAfterComma > 0 ? ',' : Space);
        }
        return _threeAfterComma + _threeAfterPoint > 0 ? null : new NumberFormat('.', Space);
    }

    /// <summary>What speaks against a decision, in words.</summary>
    public string Doubt => string.Create(CultureInfo.InvariantCulture, $"decimal comma: {_decimalCommas + _pointGroups} texts, ")
        + string.Create(CultureInfo.InvariantCulture, $"decimal point: {_decimalPoints + _commaGroups}, three digits after a separator, ")
        + string.Create(CultureInfo.InvariantCulture, $"which may be decimals or thousands: {_threeAfterComma + _threeAfterPoint}");

    private void Survey(string text)
    {
        var match = Amount().Match(text);
        if (!match.Success)
        {
            Others++;
            return;
        }
        Negatives += match.Groups["minus"].Success || text.StartsWith('(') ? 1 : 0;
        foreach (var sign in match.Groups["sign"].Captures.Select(capture => capture.Value.Trim()))
        {
            _signs[sign] = _signs.GetValueOrDefault(sign) + 1;
        }
        var number = match.Groups["number"].Value;
        foreach (var c in number.Where(c => c is not ('.' or ',') && NumberFormat.IsSeparator(c)))
        {
            Space = c;
        }
        var exponent = number.IndexOfAny(['e', 'E']);
        if (exponent >= 0)
        {
            _decimalPoints++;
            HasFractions = true;
            return;
        }
        SurveySeparators(number);
    }

    private void SurveySeparators(string number)
    {
        var (points, commas) = (number.Count(c => c == '.'), number.Count(c => c == ','));
        var last = number.LastIndexOfAny(['.', ',']);
        if (last < 0)
        {
            return;
        }
        var (fraction, isComma) = (number[(last + 1)..], number[last] == ',');
        var isDecimal = points > 0 && commas > 0 ? number.Count(c => c == number[last]) == 1
            : (points == 1 || commas == 1) && (fraction.Length != 3 || last > 3 || Space is not null || number[0] == '0');
        if (isDecimal)
        {
            // 1.037,50 also says what separates thousands.
            _ = points > 0 && commas > 0 ? (isComma ? _pointGroups++ : _commaGroups++) : (isComma ? _decimalCommas++ : _decimalPoints++);
            HasFractions |= fraction.AsSpan().ContainsAnyExcept('0');
            LongFractions += fraction.TrimEnd('0').Length > 2 ? 1 : 0;
        }
        else if (points + commas > 1)
        {
            _ = isComma ? _commaGroups++ : _pointGroups++;
        }
        else
        {
            _ = isComma ? _threeAfterComma++ : _threeAfterPoint++;
            LongFractions += fraction.EndsWith('0') ? 0 : 1;
        }
    }

    [GeneratedRegex(@"^\(?\s*(?<minus>[-−])?\s*(?<sign>[^\s0-9.,()'’−+-][^0-9.,()'’−+-]{0,4})?\s*(?<minus>[-−])?\+?\s*"
        + @"(?<number>[0-9]+([.,' \u00A0\u2009\u202F’][0-9]+)*\.?([eE][+-]?[0-9]+)?|\.[0-9]+)"
        + @"\s*(?<sign>[^\s0-9.,()'’−+-][^0-9.,()'’−+-]{0,4})?\s*(?<minus>[-−])?\)?\z")]
    private static partial Regex Amount();
}
