using System.CommandLine;
using System.CommandLine.Parsing;
using FraudScoring.Training.Evaluation.Gates;

namespace FraudScoring.Training.Commands;

internal sealed class GateOptions
{
    private static readonly string DefaultReport = Path.Combine("data", "gates");

    public Option<FileInfo> Log { get; } = new("--log") { Description = "The event log to replay.", Required = true };

    public Option<DirectoryInfo> Challenger { get; } = new("--challenger")
    {
        Description = "The bundle that is to be promoted, such as models/payments/2.", Required = true,
    };

    public Option<DirectoryInfo?> Champion { get; } = new("--champion")
    {
        Description = "The bundle in force, such as models/payments/1; without it, what compares is not applicable.",
    };

    public Option<string?> From { get; } = new("--from")
    {
        Description = "Look at payments from this day on, UTC, such as 2018-07-16; by default from the day both bundles had learned until.",
    };

    public Option<DirectoryInfo> Models { get; } = new("--models")
    {
        Description = "The models folder, whose features.json is used.", DefaultValueFactory = _ => new DirectoryInfo("models"),
    };

    public Option<FileInfo?> Settings { get; } = new("--settings") { Description = "The gates' limits; by default gates.json of the models folder." };

    public Option<DirectoryInfo> Report { get; } = new("--report")
    {
        Description = $"Folder for {GateReportHtml.FileName} and {GateReportJson.FileName}.", DefaultValueFactory = _ => new DirectoryInfo(DefaultReport),
    };

    public Option<string[]> Waive { get; } = Texts("--waive", "A gate that may fail; needs a --by and a --because of its own. May be given again.");

    public Option<string[]> By { get; } = Texts("--by", "Who answers for the waiver.");

    public Option<string[]> Because { get; } = Texts("--because", "Why the gate may fail.");

    /// <summary>Adds all options to a command, and the checks between them.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { Log, Challenger, Champion, From, Models, Settings, Report, Waive, By, Because })
        {
            command.Add(option);
        }
        command.Validators.Add(result =>
        {
            if (result.GetValue(From) is { } from && !Days.TryParse(from, out _))
            {
                result.AddError("--from must be a day, such as 2018-07-16.");
            }
            var (gates, names, reasons) = (Given(result, Waive), Given(result, By), Given(result, Because));
            if (gates.Length != names.Length || gates.Length != reasons.Length)
            {
                result.AddError($"Each --waive needs one --by and one --because; there are {gates.Length}, {names.Length} and {reasons.Length}.");
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

    private static Option<string[]> Texts(string name, string description) => new(name) { Description = description, AllowMultipleArgumentsPerToken = false };
}
