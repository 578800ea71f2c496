using System.Globalization;

namespace FraudScoring.Inference.Sealing;

/// <summary>Checks texts that were written by others and are shown on a terminal.</summary>
public static class PlainText
{
    // Joiners are needed in some scripts, and are harmless.
    private const string Joiners = "\u200C\u200D";

    /// <summary>
    /// True for a text without characters that move the cursor, change colours, reverse the writing direction or end a line.
    /// </summary>
    public static bool Is(string text) => !text.Any(letter => char.IsControl(letter)
        || (!Joiners.Contains(letter) && char.GetUnicodeCategory(letter)
            is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator));
}
