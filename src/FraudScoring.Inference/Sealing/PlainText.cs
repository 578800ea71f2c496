using System.Globalization;

namespace FraudScoring.Inference.Sealing;

/// <summary>Texts that others wrote and that are shown on a terminal.</summary>
public static class PlainText
{
    // They join letters in some scripts, and move nothing.
    private const string Joiners = "\u200C\u200D";

    /// <summary>True for a text that moves no cursor, changes no colour, turns no direction of writing and ends no line.</summary>
    public static bool Is(string text) => !text.Any(letter => char.IsControl(letter) || (!Joiners.Contains(letter) && char.GetUnicodeCategory(letter)
        is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator));
}
