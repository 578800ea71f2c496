using System.Globalization;
using FraudScoring.Inference.Ensembles;

namespace FraudScoring.Training.Export;

/// <summary>Formats how a model's members were validated and chosen, from its manifest.</summary>
internal static class TrainingTables
{
    private const string AveragePrecision = "average precision";

    /// <summary>Returns the tables that have rows.</summary>
    public static IEnumerable<ReadableTable> Create(ModelManifest manifest) =>
        new[] { Folds(manifest.Folds), Considered(manifest.MembersConsidered), Results(manifest.MemberResults) }
            .Where(table => table.Rows.Count > 0);

    private static ReadableTable Folds(IReadOnlyList<ValidationFold> folds)
    {
        string[] members = [.. folds.SelectMany(fold => fold.AveragePrecision.Keys).Distinct()];
        return new ReadableTable(
            "Folds, in order of time",
            ["fold", "from", "to", "payments", "frauds", "training payments", .. members.Select(member => $"{AveragePrecision}: {member}")],
            [
                .. folds.Select(fold => (string[])
                [
                    Count(fold.Number), fold.From, fold.To, Count(fold.Rows), Count(fold.Frauds), Count(fold.TrainRows),
                    .. members.Select(member => fold.AveragePrecision.TryGetValue(member, out var value) ? Figure(value) : ""),
                ]),
            ]);
    }

    private static ReadableTable Considered(IReadOnlyList<ConsideredMembers> sets) => new(
        sets.Any(set => set.AveragePrecisionGain?.Drawn is not null || set.AucRocGain?.Drawn is not null)
            ? "Members considered (on the folds; gains from draws of payments, because there are too few cards)"
            : "Members considered (on the folds)",
        ["members", AveragePrecision, "gain", "AUC", "gain"],
        [
            .. sets.Select(set => new[]
            {
                string.Join(", ", set.Members), Figure(set.AveragePrecision), Interval(set.AveragePrecisionGain), Figure(set.AucRoc),
                Interval(set.AucRocGain),
            }),
        ]);

    private static ReadableTable Results(IReadOnlyList<MemberWorth> members) => new(
        "Members (on the test part)",
        ["member", "weight", $"{AveragePrecision} alone", $"{AveragePrecision} without it"],
        [
            .. members.Select(member => new[]
            {
                member.Member, Figure(member.Weight), Figure(member.AveragePrecisionAlone),
                member.AveragePrecisionWithout is { } rest ? Figure(rest) : "",
            }),
        ]);

    private static string Interval(GainInterval? gain) => gain is null ? "" : $"{Figure(gain.AtLeast)} to {Figure(gain.AtMost)}";

    private static string Figure(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Count(int value) => value.ToString(CultureInfo.InvariantCulture);
}
