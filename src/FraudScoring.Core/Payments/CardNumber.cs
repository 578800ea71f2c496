namespace FraudScoring.Core.Payments;

/// <summary>Detects primary account numbers, which must never enter the service in place of tokens.</summary>
public static class CardNumber
{
    /// <summary>
    /// Returns whether the text consists of 13 to 19 digits, ignoring spaces and hyphens, that pass the Luhn check (ISO/IEC 7812-1).
    /// </summary>
    public static bool Matches(ReadOnlySpan<char> text)
    {
        int digits = 0, sum = 0;
        for (var i = text.Length - 1; i >= 0; i--)
        {
            if (text[i] is ' ' or '-')
            {
                continue;
            }
            if (!char.IsAsciiDigit(text[i]))
            {
                return false;
            }
            var digit = text[i] - '0';
            sum += (digits & 1) == 0 ? digit : digit < 5 ? 2 * digit : (2 * digit) - 9;
            digits++;
        }
        return digits is >= 13 and <= 19 && sum % 10 == 0;
    }
}
