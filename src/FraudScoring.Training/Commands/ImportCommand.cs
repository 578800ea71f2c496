using System.CommandLine;
using FraudScoring.Training.Importing;
using FraudScoring.Training.Inputs;
using Spectre.Console;

namespace FraudScoring.Training.Commands;

/// <summary><c>import</c>: writes an event log from CSV or Parquet files.</summary>
internal sealed class ImportCommand(IAnsiConsole console, TimeProvider time)
{
    private const int FewestKeyBytes = 16;
    private readonly ImportOptions _options = new();

    public static Command Create(IAnsiConsole console, TimeProvider time)
    {
        var import = new ImportCommand(console, time);
        const string description = "Write an event log from CSV or Parquet files; a mapping file says which column becomes which field.";
        var command = new Command("import", description);
        import._options.AddTo(command);
        command.SetAction((parsed, cancellation) => Failures.ReportAsync(parsed, () => import.Run(parsed, cancellation)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var mapping = InputFile.Load<ImportMapping>(parsed.GetRequiredValue(_options.Map).FullName, MappingReader.Parse);
        var key = parsed.GetValue(_options.HashKey) is { } file ? ReadKey(file.FullName) : [];
        if (mapping.Hashes && key.Length == 0 && !parsed.GetValue(_options.AllowPlainHash))
        {
            throw new InvalidDataException("the mapping hashes identifiers, but there is no key, and without one card numbers can be found "
                + "again by trying all; name a file of random bytes with --hash-key, or set --allow-plain-hash");
        }
        var path = parsed.GetRequiredValue(_options.Out).FullName;
        var request = new ImportRequest(
            SourceFiles.Find(parsed.GetRequiredValue(_options.In)), path, parsed.GetRequiredValue(_options.MaxInvalidShare),
            parsed.GetValue(_options.InvalidRows)?.FullName, key, parsed.GetRequiredValue(_options.Memory))
        {
            Times = _options.TimesOf(parsed, time),
            Rates = _options.RatesOf(parsed),
        };
        var summary = console.Progress().Columns(Bars.Columns)
            .Start(context => HistoryImport.Run(request, mapping, new StageBars(context), cancellation));
        Print(summary, mapping.Hashes && key.Length == 0);
        if (summary.Written is not { } written)
        {
            throw new InvalidDataException($"{WhyNotWritten(summary, request)}; no event log was written");
        }
        written.Quality.Write($"{path}.quality.json");
        parsed.InvocationConfiguration.Output.WriteLine($"SHA-256 {written.Hash}");
        parsed.InvocationConfiguration.Output.WriteLine(path);
        return ExitCode.Success;
    }

    private static string WhyNotWritten(ImportSummary summary, ImportRequest request) =>
        summary.Rows == 0 ? "the files contain no rows"
        : summary.Refusal is { } refusal ? refusal
        : summary.Refunds == summary.Rows
            ? "all rows are refunds; set \"negative\": \"payment\" in the mapping's amount if debits are negative"
        : FormattableString.Invariant($"{summary.InvalidRows} of {summary.Rows} rows are invalid, ")
            + (summary.InvalidRows + summary.Refunds == summary.Rows ? "so no payment is left"
                : FormattableString.Invariant($"more than --max-invalid-share {request.MaxInvalidShare} allows"));

    private static byte[] ReadKey(string path) => File.ReadAllBytes(path) is { Length: >= FewestKeyBytes } key
        ? key
        : throw new InvalidDataException($"{path} is shorter than {FewestKeyBytes} bytes; use a longer secret key");

    private void Print(ImportSummary summary, bool hashedWithoutKey)
    {
        if (summary.Reasons.Count > 0)
        {
            console.Write(ReasonsOf(summary));
        }
        if (summary.Written is { } written)
        {
            QualityTables.Print(console, written.Quality);
            var labels = FormattableString.Invariant($"{written.Labels:#,0} labels ({written.Frauds:#,0} of them fraud)");
            console.WriteLine(FormattableString.Invariant(
                $"{summary.Rows:#,0} rows: {written.Payments:#,0} payments, {labels}; {summary.InvalidRows:#,0} invalid rows skipped, ")
                + FormattableString.Invariant($"{summary.Refunds:#,0} refunds left out"));
        }
        foreach (var note in summary.Notes)
        {
            console.WriteLine(note);
        }
        if (hashedWithoutKey)
        {
            Tables.PrintWarning(console, "identifiers were hashed without a key, so card numbers can be found again by trying all");
        }
    }

    private static Table ReasonsOf(ImportSummary summary)
    {
        var table = new Table().AddColumn(new TableColumn("rows").RightAligned()).AddColumns("column", "problem", "examples");
        foreach (var reason in summary.Reasons)
        {
            table.AddRow(reason.Rows.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture), Markup.Escape(reason.Column),
                Markup.Escape($"{reason.Field} {reason.Message}".Trim()), Markup.Escape(string.Join(", ", reason.Examples)));
        }
        return table;
    }

    private sealed class StageBars(ProgressContext context) : IProgress<ImportProgress>
    {
        // In the order of ImportStage.
        private static readonly string[] Names =
            ["Scan files", "Read rows", "Find repeated transaction ids", "Write the event log", "Check data quality"];

        private readonly ProgressTask[] _bars = [.. Names.Select(name => context.AddTask(name, maxValue: 1))];

        public void Report(ImportProgress value) => _bars[(int)value.Stage].Value = value.Fraction;
    }
}
