using System.CommandLine;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Importing;
using FraudScoring.Training.Importing.Guessing;
using FraudScoring.Training.Importing.Sources;
using FraudScoring.Training.Inputs;
using FraudScoring.Training.Quality;
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
        if (parsed.GetValue(_options.Guess) is { } unknown)
        {
            return Guess(parsed, unknown, cancellation);
        }
        var mapping = InputFile.Load<ImportMapping>(parsed.GetRequiredValue(_options.Map)!.FullName, MappingReader.Parse);
        var key = parsed.GetValue(_options.HashKey) is { } file ? ReadKey(file.FullName) : [];
        if (mapping.Hashes && key.Length == 0 && !parsed.GetValue(_options.AllowPlainHash))
        {
            throw new InvalidDataException("the mapping hashes identifiers, but there is no key, and without one card numbers can be found "
                + "again by trying all; name a file of random bytes with --hash-key, or set --allow-plain-hash");
        }
        var files = SourceFiles.Find(parsed.GetRequiredValue(_options.In));
        CheckOutputs(parsed, files);
        var isDry = parsed.GetValue(_options.DryRun);
        var path = parsed.GetValue(_options.Out)?.FullName ?? Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var request = new ImportRequest(
            files, path, parsed.GetRequiredValue(_options.MaxInvalidShare),
            parsed.GetValue(_options.InvalidRows)?.FullName, key, parsed.GetRequiredValue(_options.Memory))
        {
            Times = _options.TimesOf(parsed, time),
            Rates = _options.RatesOf(parsed),
            DryRun = isDry,
        };
        var summary = console.Progress().Columns(Bars.Columns)
            .Start(context => HistoryImport.Run(request, mapping, new StageBars(context), cancellation));
        Print(summary, mapping.Hashes && key.Length == 0);
        if (summary.Written is not { } written)
        {
            throw new InvalidDataException($"{WhyNotWritten(summary, request)}; no event log was written");
        }
        if (isDry)
        {
            parsed.InvocationConfiguration.Output.WriteLine("Dry run: no event log was written.");
            return ExitCode.Success;
        }
        written.Quality.Write($"{path}.quality.json");
        new QualityPage(Path.GetFileName(path), written.Quality)
        {
            Rows = summary.Rows, RejectedRows = summary.InvalidRows,
            Rejected = [.. summary.Reasons.Select(reason =>
                new RejectedRows(reason.Column, $"{reason.Field} {reason.Message}".Trim(), reason.Rows, reason.Examples))],
        }.Write($"{path}.quality.html");
        parsed.InvocationConfiguration.Output.WriteLine($"SHA-256 {written.Hash}");
        parsed.InvocationConfiguration.Output.WriteLine(path);
        return ExitCode.Success;
    }

    /// <summary>Writes a mapping for an unknown file, and prints what is known about it.</summary>
    /// <exception cref="InvalidDataException">The mapping's file exists, or the unknown one is no table.</exception>
    private int Guess(ParseResult parsed, string unknown, CancellationToken cancellation)
    {
        var output = parsed.GetValue(_options.Map)?.FullName
            ?? Path.GetFullPath($"{Path.TrimEndingDirectorySeparator(unknown)}.mapping.json");
        if (Path.Exists(output))
        {
            throw new InvalidDataException($"{output} exists; a guess replaces no file: remove it, or name another with --map");
        }
        var files = SourceFiles.Find([unknown]);
        if (files.Count == 0)
        {
            throw new InvalidDataException($"{unknown} contains no CSV or Parquet file");
        }
        var guess = MappingGuess.Create(SourceSample.Read(files[0], cancellation));
        GuessTables.Print(console, guess);
        File.WriteAllText(output, guess.ToJson());
        var writer = parsed.InvocationConfiguration.Output;
        writer.WriteLine(files.Count == 1 ? $"Guessed from {files[0].Name}."
            : $"Guessed from {files[0].Name}, the first of {files.Count} files.");
        writer.WriteLine($"Decide what is listed, edit {output}, then try it:");
        writer.WriteLine($"import --in '{unknown}' --map '{output}' --dry-run");
        return ExitCode.Success;
    }

    /// <summary>Refuses outputs that would replace what the import reads, or each other.</summary>
    /// <exception cref="InvalidDataException">There are such; the message names all of them.</exception>
    private void CheckOutputs(ParseResult parsed, IReadOnlyList<SourceFile> files)
    {
        var faults = new Faults();
        var known = files.Select(file => (File: file.Path, Use: "an input")).DistinctBy(file => file.File)
            .Append((parsed.GetRequiredValue(_options.Map)!.FullName, "the mapping")).ToList();
        if (parsed.GetValue(_options.HashKey) is { } key)
        {
            known.Add((key.FullName, "the hash key"));
        }
        var uses = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (file, use) in known)
        {
            uses.TryAdd(SourceFile.RealPath(file), use);
        }
        var log = parsed.GetValue(_options.Out)?.FullName;
        (string Option, string? Path)[] outputs =
        [
            ("--out", log), ("--out", log is null ? null : $"{log}.quality.json"),
            ("--out", log is null ? null : $"{log}.quality.html"),
            ("--invalid-rows", parsed.GetValue(_options.InvalidRows)?.FullName),
        ];
        foreach (var (option, output) in outputs)
        {
            if (output is not null && !uses.TryAdd(SourceFile.RealPath(output), $"written by {option}"))
            {
                faults.Add(option, $"would write {output}, which is {uses[SourceFile.RealPath(output)]}; name another file");
            }
        }
        if (faults.Count > 0)
        {
            throw new InvalidDataException(faults.ToLines());
        }
    }

    private static string WhyNotWritten(ImportSummary summary, ImportRequest request) =>
        summary.Rows == 0 ? "the files contain no rows"
        : summary.Refusal is { } refusal ? refusal
        : summary.Filtered == summary.Rows ? "the mapping's filter leaves no row"
        : summary.Refunds == summary.Rows
            ? "all rows are refunds; set \"negative\": \"payment\" in the mapping's amount if debits are negative"
        : FormattableString.Invariant($"{summary.InvalidRows} of {summary.Rows} rows are invalid, ")
            + (summary.InvalidRows + summary.Refunds + summary.Filtered == summary.Rows ? "so no payment is left"
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
                + FormattableString.Invariant($"{summary.Refunds:#,0} refunds left out")
                + (summary.Filtered > 0 ? FormattableString.Invariant($", {summary.Filtered:#,0} rows filtered") : ""));
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

        public void Report(ImportProgress value)
        {
            var bar = _bars[(int)value.Stage];
            bar.Value = value.Fraction;
            if (value.Rows > 0 && bar.ElapsedTime is { TotalSeconds: > 0 } elapsed)
            {
                bar.Description = FormattableString.Invariant(
                    $"{Names[(int)value.Stage]} ({value.Rows:#,0}, {value.Rows / elapsed.TotalSeconds:#,0}/s)");
            }
        }
    }
}
