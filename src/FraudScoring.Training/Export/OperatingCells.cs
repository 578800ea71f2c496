using System.Globalization;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Export;

/// <summary>Formats the rows of an operating table for the model card, the gate report and the console.</summary>
internal static class OperatingCells
{
    public static IReadOnlyList<string> Heads { get; } =
    [
        "segment", "payments", "frauds", "caught", "false positives", "precision", "reviews a day", "challenged", "declined",
        "cost", "all approved", "by rates",
    ];

    /// <summary>Indexes of the columns that fit on a console.</summary>
    public static IReadOnlyList<int> OnConsole { get; } = [0, 1, 2, 3, 4, 6, 9, 11];

    public static string[] Create(OperatingRow row) =>
    [
        row.Segment, Number(row.Payments, "0"), Number(row.Frauds, "0"),
        Share(row.FraudsCaught, "P1"), Share(row.FalsePositiveRate, "P2"), Share(row.Precision, "P1"),
        Number(row.ReviewsPerDay, "0.0"), Number(row.Challenges, "0"), Number(row.Declines, "0"),
        Number(row.CostPerThousand, "0.00"), Number(row.CostPerThousandApproved, "0.00"), Number(row.CostPerThousandByRates, "0.00"),
    ];

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Share(double? share, string format) => share?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
