namespace FraudScoring.Training.Quality;

/// <summary>How a log is distributed, for plots.</summary>
/// <param name="Days">The days with payments, in order.</param>
/// <param name="PaymentsOfOtherDays">Number of payments of days that are not listed, because there are too many.</param>
/// <param name="DelayHours">An even sample of the label delays, in hours.</param>
/// <param name="Amounts">The amounts of an even sample of the payments, each in its own currency.</param>
/// <param name="Currencies">Number of different currencies of the sample.</param>
/// <param name="Entities">The sizes of each kind of entity.</param>
internal sealed record LogShape(
    IReadOnlyList<DayCount> Days, long PaymentsOfOtherDays, IReadOnlyList<double> DelayHours, IReadOnlyList<double> Amounts, int Currencies,
    IReadOnlyList<EntityShape> Entities);

/// <summary>The sizes of one kind of entity.</summary>
/// <param name="Name">The kind, such as "card".</param>
/// <param name="Entities">Number of different entities.</param>
/// <param name="IsComplete">False if the number is an estimate, and the sizes are those of an even sample.</param>
/// <param name="Sizes">Number of payments of each, ascending.</param>
/// <param name="LargestShare">Share of the busiest entity in the sampled payments, 0 to 1.</param>
internal sealed record EntityShape(string Name, long Entities, bool IsComplete, IReadOnlyList<long> Sizes, double LargestShare);

/// <summary>Rows that an import rejected for one reason.</summary>
/// <param name="Column">The column; empty if the reason is in none.</param>
/// <param name="Reason">The fault.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Examples">The first rows, as file name and row number.</param>
internal sealed record RejectedRows(string Column, string Reason, long Rows, IReadOnlyList<string> Examples);
