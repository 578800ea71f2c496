using System.CommandLine;
using System.CommandLine.Parsing;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Training.Inputs;
using FraudScoring.Training.Learners;
using FraudScoring.Training.Runs;

namespace FraudScoring.Training.Commands;

internal sealed class TrainOptions
{
    private const string Auto = "auto";
    private const string AllMembers = "all";
    private static readonly BoostedTreesParameters Defaults = new();

    public Option<FileInfo> Log { get; } = new("--log") { Description = "Event log to train on.", Required = true };

    public Option<DirectoryInfo> Models { get; } = new("--models")
    {
        Description = "Models folder: its features.json is used, and the bundle is written to <model>/<version> in it.",
        DefaultValueFactory = _ => new DirectoryInfo("models"),
    };

    public Option<string> Model { get; } = new("--model") { Description = "Name of the model.", DefaultValueFactory = _ => "payments" };

    public Option<string> Version { get; } = new("--version") { Description = "Version of the model.", Required = true };

    public Option<bool> Replace { get; } = new("--replace") { Description = "Replace the bundle if it exists." };

    public Option<int> WarmUp { get; } = Days("--warm-up-days", "Days at the beginning that only build history.", 30);

    public Option<int> Gap { get; } =
        Days("--gap-days", "Days left out before the test, because most of their labels are not known yet when it begins.", 7);

    public Option<int> Test { get; } =
        Days("--test-days", "Days at the end, before those with immature labels, that are only used for testing.", 14);

    public Option<int> Horizon { get; } = LabelHorizon.CreateOption();

    public Option<double> Mature { get; } = MatureShare.CreateOption();

    public Option<int> Trees { get; } = new("--trees")
    {
        Description = "Maximum number of boosted trees.", DefaultValueFactory = _ => Defaults.Trees,
    };

    public Option<int> Leaves { get; } = new("--leaves")
    {
        Description = "Maximum number of leaves per boosted tree.", DefaultValueFactory = _ => Defaults.Leaves,
    };

    public Option<int> Depth { get; } = new("--depth")
    {
        Description = "Maximum depth of a boosted tree.", DefaultValueFactory = _ => Defaults.Depth,
    };

    public Option<double> Rate { get; } = new("--learning-rate")
    {
        Description = "Learning rate of the boosted trees.", DefaultValueFactory = _ => Defaults.LearningRate,
    };

    public Option<int> Seed { get; } = new("--seed")
    {
        Description = "Random seed; the same seed, options and event log give the same model.", DefaultValueFactory = _ => Defaults.Seed,
    };

    public Option<int> ForestTrees { get; } = new("--forest-trees")
    {
        Description = "Number of trees of the random forest.", DefaultValueFactory = _ => new ForestParameters().Trees,
    };

    public Option<int> AnomalyTrees { get; } = new("--anomaly-trees")
    {
        Description = "Number of trees of the isolation forest.", DefaultValueFactory = _ => new IsolationForestParameters().Trees,
    };

    public Option<int> AnomalyRows { get; } = new("--anomaly-rows")
    {
        Description = "Number of rows that each tree of the isolation forest is grown on.",
        DefaultValueFactory = _ => new IsolationForestParameters().Subsample,
    };

    public Option<double> FraudWeight { get; } = new("--fraud-weight")
    {
        Description = "Weight of a fraud in training, relative to a legitimate payment; the shift of the log-odds it causes is removed.",
        DefaultValueFactory = _ => 1,
    };

    public Option<double> AmountPower { get; } = new("--amount-power")
    {
        Description = "Exponent, 0 to 1: a payment's weight in training is its amount over the mean, to this power; 0 for equal weights.",
        DefaultValueFactory = _ => 0,
    };

    public Option<string> Members { get; } = new("--members")
    {
        Description = $"{Auto}: the members that improve the results on the folds; {AllMembers}: every member; "
            + $"or a list from {string.Join(',', EnsembleMembers.Names)}.",
        DefaultValueFactory = _ => Auto,
    };

    public Option<int> Folds { get; } = new("--folds")
    {
        Description = "Number of time-ordered folds; the stacker is fitted to the members' predictions of them.",
        DefaultValueFactory = _ => new EnsembleParameters().Folds,
    };

    public Option<int> Search { get; } = new("--search")
    {
        Description = "Number of parameter sets to try per member on the folds, drawn at random; the best is used. 0: no search.",
        DefaultValueFactory = _ => 0,
    };

    public Option<FileInfo?> Runs { get; } = new("--runs")
    {
        Description = "Run log to append to. Default: runs.jsonl next to the event log.",
    };

    public Option<FileInfo?> Costs { get; } = new("--costs")
    {
        Description = "Decision costs, for which the thresholds are found. Default: costs.json in the models folder.",
    };

    public Option<FileInfo?> Rates { get; } = new("--rates") { Description = RatesFile.Description };

    private Option[] All =>
    [
        Log, Models, Model, Version, Replace, WarmUp, Gap, Test, Horizon, Mature, Trees, Leaves, Depth, Rate, Members, ForestTrees,
        AnomalyTrees, AnomalyRows, FraudWeight, AmountPower, Folds, Search, Seed, Runs, Costs, Rates,
    ];

    /// <summary>Adds all options and their range checks to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Add(option);
        }
        command.Validators.Add(result =>
        {
            foreach (var name in new[] { Model, Version })
            {
                if (result.HasValue(name) && !ModelId.IsValidName(result.ValueOf(name)))
                {
                    result.AddError($"{name.Name} {ModelId.NameRule}.");
                }
            }
            if (result.ValueOf(Search) is < 0 or > 1_000 || (result.ValueOf(Search) > 0 && result.ValueOf(Folds) < 1))
            {
                result.AddError("--search must be 0 to 1,000, and needs --folds to be at least 1.");
            }
            var faults = new Faults();
            Parameters(result).Check(faults);
            foreach (var fault in faults)
            {
                result.AddError($"{fault}.");
            }
        });
    }

    public TrainRequest ToRequest(ParseResult parsed)
    {
        var log = parsed.GetRequiredValue(Log);
        return new TrainRequest
        {
            Log = log.FullName,
            Models = parsed.GetRequiredValue(Models).FullName,
            Model = parsed.GetRequiredValue(Model),
            Version = parsed.GetRequiredValue(Version),
            Replace = parsed.GetValue(Replace),
            WarmUpDays = parsed.GetRequiredValue(WarmUp),
            GapDays = parsed.GetRequiredValue(Gap),
            TestDays = parsed.GetRequiredValue(Test),
            LabelHorizonMs = LabelHorizon.ReadMs(parsed, Horizon),
            MatureShare = parsed.GetRequiredValue(Mature),
            Parameters = Parameters(parsed.CommandResult),
            Seed = parsed.GetRequiredValue(Seed),
            Trials = parsed.GetRequiredValue(Search),
            Costs = parsed.GetValue(Costs)?.FullName,
            Rates = parsed.GetValue(Rates)?.FullName,
            Runs = parsed.GetValue(Runs)?.FullName ?? Path.Combine(log.DirectoryName!, RunLog.FileName),
            CommandLine = string.Join(' ', parsed.Tokens.Select(token => token.Value)),
            Command = CommandWithoutPaths(parsed),
        };
    }

    private EnsembleParameters Parameters(SymbolResult result)
    {
        var seed = result.ValueOf(Seed);
        return new()
        {
            Trees = new BoostedTreesParameters
            {
                Trees = result.ValueOf(Trees),
                Leaves = result.ValueOf(Leaves),
                Depth = result.ValueOf(Depth),
                LearningRate = result.ValueOf(Rate),
                Seed = seed,
            },
            Forest = new ForestParameters { Trees = result.ValueOf(ForestTrees), Seed = seed },
            Anomaly = new IsolationForestParameters
            {
                Trees = result.ValueOf(AnomalyTrees), Subsample = result.ValueOf(AnomalyRows), Seed = seed,
            },
            Members = result.ValueOf(Members) is Auto or AllMembers
                ? EnsembleMembers.Names
                : [.. result.ValueOf(Members).Split(',', StringSplitOptions.TrimEntries).Order(InOrder)],
            ChooseMembers = result.ValueOf(Members) == Auto,
            Weights = new LossWeights { Fraud = result.ValueOf(FraudWeight), AmountPower = result.ValueOf(AmountPower) },
            Folds = result.ValueOf(Folds),
            FoldGap = TimeSpan.FromDays(result.ValueOf(Gap)),
        };
    }

    /// <summary>The command line without file locations: the same data give the same manifest, wherever the files are.</summary>
    private string CommandWithoutPaths(ParseResult parsed)
    {
        var kept = new List<string>();
        string[] paths = [Log.Name, Models.Name, Runs.Name, Costs.Name, Rates.Name];
        for (var i = 0; i < parsed.Tokens.Count; i++)
        {
            var text = parsed.Tokens[i].Value;
            if (paths.Contains(text))
            {
                i++;
            }
            else if (text != Replace.Name)
            {
                kept.Add(text);
            }
        }
        return string.Join(' ', kept);
    }

    /// <summary>Sorts members into the order of their margins, whatever order they were listed in.</summary>
    private static readonly Comparer<string> InOrder =
        Comparer<string>.Create((a, b) => EnsembleMembers.Names.ToList().IndexOf(a).CompareTo(EnsembleMembers.Names.ToList().IndexOf(b)));

    private static Option<int> Days(string name, string description, int value)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 3660)
            {
                result.AddError($"{name} must be 0 to 3660.");
            }
        });
        return option;
    }
}
