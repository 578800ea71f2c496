using System.Globalization;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Export;

/// <summary>Rows of an operating table as the cells of a table for readers.</summary>
internal static class OperatingCells
{
    /// <summary>The heads.</summary>
    public static IReadOnlyList<string> Heads { get; } =
    [
        "segment", "payments", "frauds", "caught", "false positives", "precision", "reviews a day", "challenged", "declined",
        "cost", "all approved", "by rates",
    ];

    /// <summary>Which of the cells a console has room for.</summary>
    public static IReadOnlyList<int> OnConsole { get; } = [0, 1, 2, 3, 4, 6, 9, 11];

    /// <summary>The cells of a row.</summary>
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
