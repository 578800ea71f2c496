using System.Globalization;
using FraudScoring.Inference.Ensembles;
using FraudScoring.Training.Datasets;
using FraudScoring.Training.Evaluation;
using FraudScoring.Training.Learners;

namespace FraudScoring.Training.Runs;

/// <summary>Builds the manifest of a trained model.</summary>
internal static class TrainedManifest
{
    // Smaller differences are noise; the run log keeps all digits.
    private const int Digits = 4;

    /// <summary>The manifest, without the hashes of the bundle's files.</summary>
    public static ModelManifest Create(TrainRequest request, TrainingSettings settings, LearnedModel learned, JudgedModel judged) => new()
    {
        Format = ModelManifest.CurrentFormat,
        Model = request.Model,
        Version = request.Version,
        CatalogueHash = settings.Catalogue.Hash,
        PolicyHash = settings.Policy.Hash,
        Features = learned.Ensemble.FeatureNames,
        Members = learned.Ensemble.Members.Present,
        Files = [],
        Thresholds = judged.Thresholds.Plan,
        Costs = settings.Costs,
        Operating = judged.Operating,
        Metrics = judged.Metrics,
        Lineage = Lineage.Create(
            request.Command, request.Log, learned.Book, learned.Maturity, learned.Split, learned.History, learned.Search.Best.Folds) with
        {
            RatesHash = settings.Rates.Hash,
        },
        Parameters = ParametersOf(learned),
        Folds = [.. (learned.Ensemble.Folds?.Folds ?? []).Select(ToFold)],
        MembersConsidered = [.. (learned.Ensemble.Choice?.Considered ?? []).Select(ToConsidered)],
        MemberResults = [.. judged.Members.Select(ToWorth)],
    };

    private static SortedDictionary<string, string> ParametersOf(LearnedModel learned) => new()
    {
        ["trees"] = learned.Search.Best.Trees.ToText(),
        ["forest"] = learned.Search.Best.Forest.ToText(),
        ["boosted_trees"] = learned.Ensemble.Members.Boosted.ToString(CultureInfo.InvariantCulture),
        ["parameters_tried"] = learned.Search.Trials.Count.ToString(CultureInfo.InvariantCulture),
    };

    private static ValidationFold ToFold(FoldResult fold) => new(
        fold.Number, Day(fold.FromMs), Day(fold.ToMs), fold.Rows, fold.Frauds, fold.TrainRows,
        new(fold.AveragePrecision.ToDictionary(member => member.Key, member => Round(member.Value))));

    private static ConsideredMembers ToConsidered(ConsideredSet set) =>
        new(set.Members, Round(set.AveragePrecision), Round(set.AreaUnderRoc), ToInterval(set.Gain), ToInterval(set.AucGain));

    private static GainInterval? ToInterval(Gain? gain) =>
        gain is null ? null : new GainInterval(Round(gain.AtLeast), Round(gain.AtMost), gain.Drawn);

    private static MemberWorth ToWorth(Ablation member) => new(
        member.Member, Round(member.Weight), Round(member.Alone.AveragePrecision),
        member.Without is { } rest ? Round(rest.AveragePrecision) : null);

    private static double Round(double value) => Math.Round(value, Digits);

    private static string Day(long timeMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(timeMs).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
