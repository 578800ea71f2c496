using System.CommandLine;

namespace FraudScoring.Training.Commands;

internal sealed class ImportOptions
{
    public Option<string[]> In { get; } = new("--in")
    {
        Description = "CSV or Parquet files: names, or patterns such as 'data/2018-*.parquet'.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    public Option<FileInfo> Map { get; } = new("--map") { Description = "The mapping file: which columns become which fields.", Required = true };

    public Option<FileInfo> Out { get; } = new("--out") { Description = "The event log to write.", Required = true };

    public Option<double> MostBadShare { get; } = new("--max-bad-share")
    {
        Description = "The largest share of rows that may be unusable; above it nothing is written.",
        DefaultValueFactory = _ => 0.01,
    };

    public Option<FileInfo> BadRows { get; } = new("--bad-rows") { Description = "Write every unusable row's file, number, column and reason here, as CSV." };

    public Option<FileInfo> HashKey { get; } = new("--hash-key") { Description = "A file whose bytes key the hashes of identifiers; at least 16." };

    public Option<int> Memory { get; } = new("--memory")
    {
        Description = "Memory for sorting, in MiB; the rest is on disk beside the log.", DefaultValueFactory = _ => 1024,
    };

    /// <summary>Adds all options to a command, and the check of their ranges.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { In, Map, Out, MostBadShare, BadRows, HashKey, Memory })
        {
            command.Add(option);
        }
        command.Validators.Add(result =>
        {
            if (result.ValueOf(MostBadShare) is not (>= 0 and <= 1))
            {
                result.AddError("--max-bad-share must be 0 to 1.");
            }
            if (result.ValueOf(Memory) is < 64 or > 1 << 20)
            {
                result.AddError("--memory must be 64 to 1048576.");
            }
        });
    }
}
