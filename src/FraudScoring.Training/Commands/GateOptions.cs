using System.CommandLine;
using System.CommandLine.Parsing;
using FraudScoring.Training.Evaluation.Gates;
using FraudScoring.Training.Inputs;

namespace FraudScoring.Training.Commands;

internal sealed class GateOptions
{
    private static readonly string DefaultReport = Path.Combine("data", "gates");

    public Option<FileInfo> Log { get; } = new("--log") { Description = "Event log to replay.", Required = true };

    public Option<DirectoryInfo> Challenger { get; } = new("--challenger")
    {
        Description = "Bundle to promote, such as models/payments/2.", Required = true,
    };

    public Option<DirectoryInfo?> Champion { get; } = new("--champion")
    {
        Description = "Active bundle, such as models/payments/1. Without it, gates that compare with the champion are not applicable.",
    };

    public Option<string?> From { get; } = new("--from")
    {
        Description = "First day to test on (UTC), such as 2018-07-16. Default: the day by which all training labels were known.",
    };

    public Option<DirectoryInfo> Models { get; } = new("--models")
    {
        Description = "Models folder; its features.json is used.", DefaultValueFactory = _ => new DirectoryInfo("models"),
    };

    public Option<FileInfo?> Rates { get; } = new("--rates") { Description = RatesFile.Description };

    public Option<int> Horizon { get; } = LabelHorizon.CreateOption();

    public Option<double> Mature { get; } = MatureShare.CreateOption();

    public Option<FileInfo?> Settings { get; } = new("--settings")
    {
        Description = "Limits of the gates. Default: gates.json in the models folder.",
    };

    public Option<DirectoryInfo> Report { get; } = new("--report")
    {
        Description = $"Folder to write {GateReportHtml.FileName} and {GateReportJson.FileName} to.",
        DefaultValueFactory = _ => new DirectoryInfo(DefaultReport),
    };

    public Option<string[]> Waive { get; } =
        Texts("--waive", "Name of a gate that may fail; needs its own --by and --because. May be given more than once.");

    public Option<string[]> By { get; } = Texts("--by", "Who is responsible for the waiver.");

    public Option<string[]> Because { get; } = Texts("--because", "Why the gate may fail.");

    /// <summary>Adds all options to a command, with the checks that span several of them.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
            { Log, Challenger, Champion, From, Models, Rates, Horizon, Mature, Settings, Report, Waive, By, Because })
        {
            command.Add(option);
        }
        command.Validators.Add(result =>
        {
            if (result.GetValue(From) is { } from && !Days.TryParse(from, out _))
            {
                result.AddError("--from must be a date such as 2018-07-16.");
            }
            var (gates, names, reasons) = (Given(result, Waive), Given(result, By), Given(result, Because));
            if (gates.Length != names.Length || gates.Length != reasons.Length)
            {
                result.AddError("Each --waive needs one --by and one --because; "
                    + $"given: {gates.Length} --waive, {names.Length} --by, {reasons.Length} --because.");
            }
        });
    }

    /// <summary>The waivers, in the order they were given.</summary>
    public Waiver[] Waivers(ParseResult parsed)
    {
        var (names, reasons) = (Given(parsed.CommandResult, By), Given(parsed.CommandResult, Because));
        return [.. Given(parsed.CommandResult, Waive).Select((gate, i) => new Waiver(gate, names[i].Trim(), reasons[i].Trim()))];
    }

    private static string[] Given(SymbolResult result, Option<string[]> option) => result.GetValue(option) ?? [];

    private static Option<string[]> Texts(string name, string description) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = false };
}
