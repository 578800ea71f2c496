using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Evaluation.Handbook;
using FraudScoring.Training.Learners;

namespace FraudScoring.Training.Commands;

/// <summary>The options of <c>evaluate --protocol handbook</c>, which no other use of <c>evaluate</c> accepts.</summary>
internal sealed class HandbookOptions
{
    private const string Handbook = "handbook";
    private const int LeastTrainDays = 1, MostTrainDays = 150;

    private readonly Option<string?> _protocol = new("--protocol")
    {
        Description = $"Train and test by a published protocol instead of scoring with a bundle: {Handbook}.",
    };

    private readonly Option<string> _delays = new("--label-delay")
    {
        Description = "Protocol: time from a payment to its label, such as 7d; several, separated by commas, show the quality by delay.",
        DefaultValueFactory = _ => "7d",
    };

    private readonly Option<string> _trainDays = new("--train-days")
    {
        Description = "Protocol: days to train on, before the label delay.", DefaultValueFactory = _ => "60",
    };

    private readonly Option<string> _folds = new("--folds")
    {
        Description = "Protocol: single, prequential (four test weeks), both, "
            + "or validation (the four weeks before these, for choosing parameters).",
        DefaultValueFactory = _ => "prequential",
    };

    private readonly Option<string> _members = new("--members")
    {
        Description = "Protocol: trees, or all (every member of the ensemble).", DefaultValueFactory = _ => "trees",
    };

    private readonly Option<string?> _testStart = new("--test-start")
    {
        Description = "Protocol: first test day of the single split (UTC); required unless the log covers the Handbook's period.",
    };

    private readonly Option<int> _trees = new("--trees")
    {
        Description = "Protocol: number of boosted trees.", DefaultValueFactory = _ => ProtocolLearner.Defaults.Trees,
    };

    private readonly Option<int> _leaves = new("--leaves")
    {
        Description = "Protocol: maximum number of leaves per tree.", DefaultValueFactory = _ => ProtocolLearner.Defaults.Leaves,
    };

    private readonly Option<double> _rate = new("--learning-rate")
    {
        Description = "Protocol: learning rate of the trees.", DefaultValueFactory = _ => ProtocolLearner.Defaults.LearningRate,
    };

    private readonly Option<int> _seed = new("--seed")
    {
        Description = "Protocol: random seed.", DefaultValueFactory = _ => ProtocolLearner.Defaults.Seed,
    };

    private readonly Option<FileInfo> _catalogue = new("--catalogue")
    {
        Description = "Protocol: feature catalogue.",
        DefaultValueFactory = _ => new FileInfo(Path.Combine("models", Handbook, "features.json")),
    };

    private readonly Option<FileInfo?> _plot = new("--plot")
    {
        Description = "Protocol: also plot the quality by label delay to this SVG file.",
    };

    private readonly Option<FileInfo?> _json = new("--json") { Description = "Protocol: also write all figures to this JSON file." };

    /// <summary>Adds the options and their checks to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="others">Options of the command that cannot be combined with a protocol.</param>
    public void AddTo(Command command, params Option[] others)
    {
        command.Add(_protocol);
        Option[] own = [_delays, _trainDays, _folds, _members, _testStart, _trees, _leaves, _rate, _seed, _catalogue, _plot, _json];
        Array.ForEach(own, command.Add);
        command.Validators.Add(result =>
        {
            var wrong = result.ValueOf(_protocol) is null ? own : others;
            foreach (var option in wrong.Where(option => result.GetResult(option) is { Implicit: false }))
            {
                result.AddError($"{option.Name} {(wrong == own ? "requires --protocol" : "cannot be combined with --protocol")}.");
            }
            if (result.ValueOf(_protocol) is not null)
            {
                AddFaults(result);
            }
        });
    }

    /// <summary>True if <c>--protocol</c> was given.</summary>
    public bool IsGiven(SymbolResult result) => result.ValueOf(_protocol) is not null;

    public HandbookRequest Parse(ParseResult parsed) => Parse(parsed.CommandResult, []);

    /// <summary>Reports faults of the options under their names, and faults of the tree parameters under the parameters' names.</summary>
    private void AddFaults(CommandResult result)
    {
        Faults options = [], parameters = [];
        Parse(result, options).Learner.Trees.Check(parameters);
        foreach (var error in options.Select(fault => $"{fault.Field} {fault.Message}.").Concat(parameters.Select(fault => $"{fault}.")))
        {
            result.AddError(error);
        }
    }

    private HandbookRequest Parse(SymbolResult result, Faults faults)
    {
        Check(result.ValueOf(_protocol) == Handbook, "--protocol", $"must be {Handbook}");
        var texts = result.ValueOf(_delays).Split(',');
        LabelDelay[] delays = [.. texts.Select(text => LabelDelay.TryParse(text, out var delay) ? delay : new LabelDelay(-1))];
        foreach (var text in texts.Where((_, i) => delays[i].Ms < 0))
        {
            faults.Add("--label-delay", $"cannot be '{text}'; use 0, or a whole number followed by m, h or d, such as 1h or 7d, up to 28d");
        }
        Check(delays.Distinct().Count() == delays.Length || delays.Any(delay => delay.Ms < 0), "--label-delay", "lists a delay twice");
        Check(int.TryParse(result.ValueOf(_trainDays), NumberStyles.None, CultureInfo.InvariantCulture, out var days)
            && days is >= LeastTrainDays and <= MostTrainDays,
            "--train-days", $"must be {LeastTrainDays} to {MostTrainDays}, such as 7, 28 or 90");
        Check(Enum.TryParse<FoldSet>(result.ValueOf(_folds), ignoreCase: true, out var folds) && !char.IsDigit(result.ValueOf(_folds)[0]),
            "--folds", "must be single, prequential, both or validation");
        Check(Enum.TryParse<ProtocolMembers>(result.ValueOf(_members), ignoreCase: true, out var members)
            && !char.IsDigit(result.ValueOf(_members)[0]),
            "--members", "must be trees or all");
        DateOnly start = default;
        var given = result.ValueOf(_testStart);
        Check(given is null || DateOnly.TryParseExact(given, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out start),
            "--test-start", "must be a date such as 2018-08-08");
        return new HandbookRequest(delays, days, folds, new ProtocolLearner(members, Trees(result)), given is null ? null : start,
            result.ValueOf(_catalogue).FullName, result.ValueOf(_plot)?.FullName, result.ValueOf(_json)?.FullName);

        void Check(bool holds, string option, string message)
        {
            if (!holds)
            {
                faults.Add(option, message);
            }
        }
    }

    private BoostedTreesParameters Trees(SymbolResult result) => ProtocolLearner.Defaults with
    {
        Trees = result.ValueOf(_trees),
        Leaves = result.ValueOf(_leaves),
        LearningRate = result.ValueOf(_rate),
        Seed = result.ValueOf(_seed),
    };
}

/// <summary>The parsed options of a protocol run.</summary>
/// <param name="Delays">Label delays, at least one.</param>
/// <param name="TrainDays">Days to train on.</param>
/// <param name="Folds">The splits to test on.</param>
/// <param name="Learner">The members to train, with their parameters.</param>
/// <param name="TestStart">First test day of the single split; null for the Handbook's.</param>
/// <param name="Catalogue">Path of the feature catalogue.</param>
/// <param name="Plot">Path of the SVG file; null for no plot.</param>
/// <param name="Json">Path of the JSON file with all figures; null for none.</param>
internal sealed record HandbookRequest(
    IReadOnlyList<LabelDelay> Delays, int TrainDays, FoldSet Folds, ProtocolLearner Learner, DateOnly? TestStart, string Catalogue,
    string? Plot, string? Json);
