using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;
using FraudScoring.Core.Payments;
using FraudScoring.Simulation;

namespace FraudScoring.Training.Commands;

/// <summary>
/// The options of <c>simulate</c>. Options of the simulation itself are kept by the <see cref="SimulationOptions"/> property they set, so
/// that a fault of a property is reported under the option's name.
/// </summary>
internal sealed partial class SimulateOptions
{
    private const string Mixed = "mixed";
    private const string DayFormat = "yyyy-MM-dd";
    private static readonly SimulationOptions Defaults = new();

    private readonly Dictionary<string, Option> _byProperty = [];
    private readonly Option<int> _customers;
    private readonly Option<int> _terminals;
    private readonly Option<int> _days;
    private readonly Option<string> _start;
    private readonly Option<ulong> _seed;
    private readonly Option<double> _radius;
    private readonly Option<double> _cardTesting;
    private readonly Option<double> _accountTakeover;
    private readonly Option<double> _impossibleTravel;
    private readonly Option<double> _reviews;
    private readonly Option<double> _analysts;
    private readonly Option<string> _labelDelay;

    public SimulateOptions()
    {
        _customers = CreateOption(nameof(Defaults.Customers), "--customers", "Number of customers.", Defaults.Customers);
        _terminals = CreateOption(nameof(Defaults.Terminals), "--terminals", "Number of terminals.", Defaults.Terminals);
        _days = CreateOption(nameof(Defaults.Days), "--days", "Number of days.", Defaults.Days);
        _start = CreateOption(nameof(Defaults.Start), "--start", "First day (UTC).",
            Defaults.Start.ToString(DayFormat, CultureInfo.InvariantCulture));
        _seed = CreateOption(nameof(Defaults.Seed), "--seed", "Random seed; the same seed and options write the same file.", Defaults.Seed);
        _radius = CreateOption(nameof(Defaults.Radius), "--radius",
            "Distance from home within which customers pay, on a plane of 100 by 100 units.", Defaults.Radius);
        _cardTesting = CreateOption(nameof(Defaults.CardTestingRate), "--card-testing",
            "Card-testing episodes per day and 1,000 customers.", Defaults.CardTestingRate);
        _accountTakeover = CreateOption(nameof(Defaults.AccountTakeoverRate), "--account-takeover",
            "Account takeovers per day and 1,000 customers.", Defaults.AccountTakeoverRate);
        _impossibleTravel = CreateOption(nameof(Defaults.ImpossibleTravelRate), "--impossible-travel",
            "Copied cards used far from their owner, per day and 1,000 customers.", Defaults.ImpossibleTravelRate);
        _reviews = CreateOption(nameof(Defaults.ReviewShare), "--reviews",
            "Share of legitimate payments that receive a label.", Defaults.ReviewShare);
        _analysts = CreateOption(nameof(Defaults.AnalystShare), "--analysts",
            "Share of frauds that analysts label within hours; the others are labelled by chargebacks, days later.", Defaults.AnalystShare);
        _labelDelay = CreateOption(nameof(Defaults.FixedLabelDelay), "--label-delay",
            "Time from a payment to its label: mixed, or one delay for all labels, such as 90m, 1h or 7d.", Mixed);
    }

    public Option<FileInfo> Out { get; } = new("--out") { Description = "Event log to write.", Required = true };

    public Option<FileInfo?> Scenarios { get; } = new("--scenarios")
    {
        Description = "Also write each fraud's scenario to this CSV file. Never train a model on it.",
    };

    /// <summary>Adds all options and their range checks to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(Out);
        foreach (Option option in _byProperty.Values)
        {
            command.Add(option);
        }
        command.Add(Scenarios);
        command.Validators.Add(Validate);
    }

    public SimulationOptions Parse(ParseResult parsed) => Parse(parsed.CommandResult);

    private SimulationOptions Parse(SymbolResult result)
    {
        return new SimulationOptions
        {
            Customers = result.ValueOf(_customers),
            Terminals = result.ValueOf(_terminals),
            Days = result.ValueOf(_days),
            Start = TryParseDay(result.ValueOf(_start), out DateOnly start) ? start : Defaults.Start,
            Seed = result.ValueOf(_seed),
            Radius = result.ValueOf(_radius),
            CardTestingRate = result.ValueOf(_cardTesting),
            AccountTakeoverRate = result.ValueOf(_accountTakeover),
            ImpossibleTravelRate = result.ValueOf(_impossibleTravel),
            ReviewShare = result.ValueOf(_reviews),
            AnalystShare = result.ValueOf(_analysts),
            FixedLabelDelay = TryParseDelay(result.ValueOf(_labelDelay), out TimeSpan? delay) ? delay : null,
        };
    }

    private void Validate(CommandResult result)
    {
        var faults = new Faults();
        Parse(result).Validate(faults);
        foreach (Fault fault in faults)
        {
            result.AddError($"{_byProperty[fault.Field].Name} {fault.Message}.");
        }
        if (!TryParseDay(result.ValueOf(_start), out _))
        {
            result.AddError($"{_start.Name} must be a date such as {_start.GetDefaultValue()}.");
        }
        if (!TryParseDelay(result.ValueOf(_labelDelay), out _))
        {
            result.AddError($"{_labelDelay.Name} must be {Mixed}, or a number followed by m, h or d, such as 90m, 1h or 7d.");
        }
    }

    private Option<T> CreateOption<T>(string property, string name, string description, T value)
        where T : IParsable<T>
    {
        var option = new Option<T>(name)
        {
            Description = description,
            DefaultValueFactory = _ => value,
            CustomParser = argument => Parse(name, value, argument),
        };
        _byProperty.Add(property, option);
        return option;
    }

    private static T Parse<T>(string name, T example, ArgumentResult argument)
        where T : IParsable<T>
    {
        string text = argument.Tokens[0].Value;
        if (T.TryParse(text, CultureInfo.InvariantCulture, out T? value))
        {
            return value;
        }
        argument.AddError($"{name} cannot be '{text}'; use a value such as {example}.");
        return example;
    }

    private static bool TryParseDay(string text, out DateOnly day) =>
        DateOnly.TryParseExact(text, DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out day);

    private static bool TryParseDelay(string text, out TimeSpan? delay)
    {
        delay = null;
        if (text == Mixed)
        {
            return true;
        }
        Match match = DelayPattern().Match(text);
        if (match.Success)
        {
            double amount = double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            delay = match.Groups[2].ValueSpan switch
            {
                "m" => TimeSpan.FromMinutes(amount),
                "h" => TimeSpan.FromHours(amount),
                _ => TimeSpan.FromDays(amount),
            };
        }
        return match.Success;
    }

    [GeneratedRegex(@"^(\d{1,6}(?:\.\d{1,6})?)([mhd])$")]
    private static partial Regex DelayPattern();
}
