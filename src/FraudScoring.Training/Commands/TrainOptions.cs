using System.CommandLine;
using System.CommandLine.Parsing;
using FraudScoring.Core.Payments;
using FraudScoring.Inference.Contracts;
using FraudScoring.Training.Learners;
using FraudScoring.Training.Runs;

namespace FraudScoring.Training.Commands;

internal sealed class TrainOptions
{
    private const string Auto = "auto";
    private const string AllMembers = "all";
    private static readonly BoostedTreesParameters Defaults = new();

    public Option<FileInfo> Log { get; } = new("--log") { Description = "The event log to learn from.", Required = true };

    public Option<DirectoryInfo> Models { get; } = new("--models")
    {
        Description = "The models folder: its features.json is used, and the bundle is written to <model>/<version> in it.",
        DefaultValueFactory = _ => new DirectoryInfo("models"),
    };

    public Option<string> Model { get; } = new("--model") { Description = "Name of the model.", DefaultValueFactory = _ => "payments" };

    public Option<string> Version { get; } = new("--version") { Description = "Version of the model.", Required = true };

    public Option<bool> Replace { get; } = new("--replace") { Description = "Replace the bundle if it exists." };

    public Option<int> WarmUp { get; } = Days("--warm-up-days", "Days at the beginning that only make history.", 30);

    public Option<int> Gap { get; } = Days("--gap-days", "Days before the test that are left out, since their labels are mostly not known yet.", 7);

    public Option<int> Test { get; } = Days("--test-days", "Days at the end that are only tested on.", 14);

    public Option<int> Trees { get; } = new("--trees") { Description = "Boosted trees at most.", DefaultValueFactory = _ => Defaults.Trees };

    public Option<int> Leaves { get; } = new("--leaves") { Description = "Leaves per tree at most.", DefaultValueFactory = _ => Defaults.Leaves };

    public Option<int> Depth { get; } = new("--depth") { Description = "Depth of a tree at most.", DefaultValueFactory = _ => Defaults.Depth };

    public Option<double> Rate { get; } = new("--learning-rate")
    {
        Description = "Learning rate of the trees.", DefaultValueFactory = _ => Defaults.LearningRate,
    };

    public Option<int> Seed { get; } = new("--seed")
    {
        Description = "The same seed, options and log give the same model.", DefaultValueFactory = _ => Defaults.Seed,
    };

    public Option<int> ForestTrees { get; } = new("--forest-trees")
    {
        Description = "Trees of the forest.", DefaultValueFactory = _ => new ForestParameters().Trees,
    };

    public Option<int> AnomalyTrees { get; } = new("--anomaly-trees")
    {
        Description = "Trees of the isolation forest.", DefaultValueFactory = _ => new IsolationForestParameters().Trees,
    };

    public Option<int> AnomalyRows { get; } = new("--anomaly-rows")
    {
        Description = "Rows each tree of the isolation forest is grown on.", DefaultValueFactory = _ => new IsolationForestParameters().Subsample,
    };

    public Option<double> FraudWeight { get; } = new("--fraud-weight")
    {
        Description = "What missing a fraud weighs beside a false alarm while members are fitted; taken off their log-odds again.",
        DefaultValueFactory = _ => 1,
    };

    public Option<double> AmountPower { get; } = new("--amount-power")
    {
        Description = "Payments weigh by their amount to this power, 0 to 1, while members are fitted.", DefaultValueFactory = _ => 0,
    };

    public Option<string> Members { get; } = new("--members")
    {
        Description = $"{Auto}: those that earn their place on the folds; {AllMembers}; or some of {string.Join(',', EnsembleMembers.Names)}.",
        DefaultValueFactory = _ => Auto,
    };

    public Option<int> Folds { get; } = new("--folds")
    {
        Description = "Time-ordered folds whose predictions the stacker learns from.", DefaultValueFactory = _ => new EnsembleParameters().Folds,
    };

    public Option<int> Search { get; } = new("--search")
    {
        Description = "Try so many parameters per member on the folds, at random, and use the best; 0 for none.", DefaultValueFactory = _ => 0,
    };

    public Option<FileInfo?> Runs { get; } = new("--runs") { Description = "The run log to add to; runs.jsonl beside the event log if not given." };

    public Option<FileInfo?> Costs { get; } = new("--costs")
    {
        Description = "What decisions cost, by which thresholds are found; costs.json of the models folder when not given.",
    };

    private Option[] All =>
    [
        Log, Models, Model, Version, Replace, WarmUp, Gap, Test, Trees, Leaves, Depth, Rate, Members, ForestTrees, AnomalyTrees,
        AnomalyRows, FraudWeight, AmountPower, Folds, Search, Seed, Runs, Costs,
    ];

    /// <summary>Adds all options to a command, and the check of their ranges.</summary>
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
                result.AddError("--search must be 0 to 1,000, and needs at least one of --folds.");
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
            Parameters = Parameters(parsed.CommandResult),
            Seed = parsed.GetRequiredValue(Seed),
            Trials = parsed.GetRequiredValue(Search),
            Costs = parsed.GetValue(Costs)?.FullName,
            Runs = parsed.GetValue(Runs)?.FullName ?? Path.Combine(log.DirectoryName!, RunLog.FileName),
            CommandLine = string.Join(' ', parsed.Tokens.Select(token => token.Value)),
            Command = PlacelessCommand(parsed),
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
            Anomaly = new IsolationForestParameters { Trees = result.ValueOf(AnomalyTrees), Subsample = result.ValueOf(AnomalyRows), Seed = seed },
            Members = result.ValueOf(Members) is Auto or AllMembers
                ? EnsembleMembers.Names
                : [.. result.ValueOf(Members).Split(',', StringSplitOptions.TrimEntries).Order(InOrder)],
            ChooseMembers = result.ValueOf(Members) == Auto,
            Weights = new LossWeights { Fraud = result.ValueOf(FraudWeight), AmountPower = result.ValueOf(AmountPower) },
            Folds = result.ValueOf(Folds),
            FoldGap = TimeSpan.FromDays(result.ValueOf(Gap)),
        };
    }

    /// <summary>The command line without what only says where files lie: the same data give the same manifest, wherever they are.</summary>
    private string PlacelessCommand(ParseResult parsed)
    {
        var kept = new List<string>();
        string[] placed = [Log.Name, Models.Name, Runs.Name, Costs.Name];
        for (var i = 0; i < parsed.Tokens.Count; i++)
        {
            var text = parsed.Tokens[i].Value;
            if (placed.Contains(text))
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

    /// <summary>In the order of the members' margins, however they were named.</summary>
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
