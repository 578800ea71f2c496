using System.CommandLine;
using System.CommandLine.Parsing;
using FraudScoring.Core.Catalogue;
using FraudScoring.Training.Evaluation.Gates;
using FraudScoring.Training.Importing;
using FraudScoring.Training.Inputs;

namespace FraudScoring.Training.Commands;

internal sealed class ImportOptions
{
    public Option<string[]> In { get; } = new("--in")
    {
        Description = "CSV or Parquet files: paths, folders, or patterns such as 'data/2018-*.parquet'. CSV files may be compressed "
            + "(.gz, .zst, .zip). Required unless --guess is set.",
        AllowMultipleArgumentsPerToken = true,
    };

    public Option<FileInfo?> Map { get; } = new("--map")
    {
        Description = "Mapping file (JSON): which column becomes which field. Required unless --guess is set; with it, the file to write "
            + "(default: FILE.mapping.json).",
    };

    public Option<string?> Guess { get; } = new("--guess")
    {
        Description = "Write a mapping for this CSV or Parquet file, guessed from names and texts of its columns, instead of an event log.",
        HelpName = "FILE",
    };

    public Option<FileInfo?> Out { get; } = new("--out") { Description = "Event log to write. Required unless --dry-run is set." };

    public Option<bool> DryRun { get; } = new("--dry-run")
    {
        Description = "Read, check and report everything, but write nothing except --invalid-rows.",
    };

    public Option<double> MaxInvalidShare { get; } = new("--max-invalid-share")
    {
        Description = "Largest share of invalid rows, 0 to 1; above it, no event log is written.",
        DefaultValueFactory = _ => 0.01,
    };

    public Option<FileInfo> InvalidRows { get; } = new("--invalid-rows")
    {
        Description = "Also write the file, line number, column and reason of every invalid row to this CSV file.",
    };

    public Option<FileInfo> HashKey { get; } = new("--hash-key")
    {
        Description = "File with the secret key for hashing identifiers, at least 16 bytes.",
    };

    public Option<bool> AllowPlainHash { get; } = new("--allow-plain-hash")
    {
        Description = "Hash identifiers without a key. Card numbers can then be found again by trying all.",
    };

    public Option<string> NotBefore { get; } = new("--not-before")
    {
        Description = "First day (UTC) that a payment or label may have; earlier times are more likely read in the wrong unit.",
        DefaultValueFactory = _ => "1995-01-01",
    };

    public Option<string?> NotAfter { get; } = new("--not-after")
    {
        Description = "Last day (UTC) that a payment or label may have. Default: tomorrow.",
    };

    public Option<FileInfo?> Rates { get; } = new("--rates")
    {
        Description = $"Exchange rates, to warn of currencies without one. Default: {DefaultRates}, if there is one.",
    };

    /// <summary>The rates that <c>train</c> uses by default.</summary>
    public const string DefaultRates = "models/" + RatesReader.FileName;

    public Option<int> Memory { get; } = new("--memory")
    {
        Description = "Memory for sorting, in MiB; rows beyond it are kept on disk next to the event log.",
        DefaultValueFactory = _ => 1024,
    };

    /// <summary>The times that payments and labels may have.</summary>
    public TimeRange TimesOf(ParseResult parsed, TimeProvider time)
    {
        _ = Days.TryParse(parsed.GetRequiredValue(NotBefore), out var first);
        var tomorrowMs = time.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds();
        return new TimeRange(first * Days.Milliseconds,
            Days.TryParse(parsed.GetValue(NotAfter), out var last) ? ((last + 1) * Days.Milliseconds) - 1 : tomorrowMs);
    }

    /// <summary>The rates that are named, or the default ones; null without both.</summary>
    /// <exception cref="InvalidDataException">The file is invalid; the message holds all faults.</exception>
    /// <exception cref="IOException">The named file cannot be read.</exception>
    public ExchangeRates? RatesOf(ParseResult parsed)
    {
        var path = parsed.GetValue(Rates)?.FullName ?? (File.Exists(DefaultRates) ? DefaultRates : null);
        return path is null ? null : InputFile.Load<ExchangeRates>(path, RatesReader.Parse);
    }

    /// <summary>Adds all options and their range checks to a command.</summary>
    public void AddTo(Command command)
    {
        Option[] options =
            [In, Map, Guess, Out, DryRun, MaxInvalidShare, InvalidRows, HashKey, AllowPlainHash, NotBefore, NotAfter, Rates, Memory];
        foreach (var option in options)
        {
            command.Add(option);
        }
        command.Validators.Add(result =>
        {
            CheckFiles(result);
            if (result.ValueOf(MaxInvalidShare) is not (>= 0 and <= 1))
            {
                result.AddError("--max-invalid-share must be 0 to 1.");
            }
            if (!Days.TryParse(result.ValueOf(NotBefore), out var first))
            {
                result.AddError("--not-before must be a date such as 1995-01-01.");
            }
            if (result.ValueOf(NotAfter) is { } text && (!Days.TryParse(text, out var last) || last < first))
            {
                result.AddError("--not-after must be a date such as 2030-12-31, and not before --not-before.");
            }
            if (result.ValueOf(Memory) is < 64 or > 1 << 20)
            {
                result.AddError("--memory must be 64 to 1048576 (MiB).");
            }
        });
    }

    private void CheckFiles(CommandResult result)
    {
        var hasIn = result.ValueOf(In) is { Length: > 0 };
        if (result.ValueOf(Guess) is not null)
        {
            if (hasIn || result.ValueOf(Out) is not null || result.ValueOf(DryRun))
            {
                result.AddError("--guess only writes a mapping; it cannot be set with --in, --out or --dry-run.");
            }
            return;
        }
        if (!hasIn)
        {
            result.AddError("--in is required.");
        }
        if (result.ValueOf(Map) is null)
        {
            result.AddError("--map is required; to have one guessed, use --guess.");
        }
        if (result.ValueOf(Out) is null && !result.ValueOf(DryRun))
        {
            result.AddError("--out is required; to write nothing, set --dry-run.");
        }
    }
}
