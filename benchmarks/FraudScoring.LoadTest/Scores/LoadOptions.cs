using System.CommandLine;
using System.CommandLine.Parsing;

namespace FraudScoring.LoadTest.Scores;

/// <summary>Options of all commands that score simulated payments.</summary>
internal sealed class LoadOptions
{
    private readonly Option<string> _redis = new("--redis")
    {
        Description = "Address of Redis, as host:port. Default: a redis-server of its own.", DefaultValueFactory = _ => "",
    };

    private readonly Option<string> _kafka = new("--kafka")
    {
        Description = "Address of Kafka, as host:port. Default: a broker of its own, from KAFKA_HOME.", DefaultValueFactory = _ => "",
    };

    private readonly Option<int> _customers =
        NumberOption.Whole("--customers", "Simulated customers; each makes about two payments per day.", 20_000);

    private readonly Option<int> _days = NumberOption.Whole("--days", "Days of history in the profiles.", 10);
    private readonly Option<int> _connections = NumberOption.Whole("--connections", "Connections to the service.", 16);
    private readonly Option<int> _warmUp = NumberOption.Whole("--warm-up", "Seconds of warming up.", 20);
    private readonly Option<bool> _stream = new("--stream") { Description = "Score payments by ScoreStream instead of single calls." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        Option[] options = [_redis, _kafka, _customers, _days, _connections, _warmUp, _stream];
        foreach (var option in options)
        {
            command.Add(option);
        }
    }

    public LoadSettings Read(ParseResult parsed) => new()
    {
        Redis = parsed.GetValue(_redis)!, Kafka = parsed.GetValue(_kafka)!, Customers = parsed.GetValue(_customers),
        Days = parsed.GetValue(_days), Connections = parsed.GetValue(_connections), WarmUp = parsed.GetValue(_warmUp),
        IsStreaming = parsed.GetValue(_stream),
    };

    /// <summary>The folder of a record; by default that of today and this machine.</summary>
    public static Option<DirectoryInfo> Output(string record) => new("--out")
    {
        Description = "Folder of the record.",
        DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("benchmarks", "results", ResultFolder.Name(), record)),
    };

    /// <summary>Scenarios separated by commas; the option may be repeated.</summary>
    public static Scenario[] ParseScenarios(ArgumentResult result)
    {
        var names = result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)).ToList();
        var unknown = names.Where(name => name.Any(char.IsAsciiDigit) || !Enum.TryParse<Scenario>(name, ignoreCase: true, out _)).ToList();
        if (unknown.Count > 0)
        {
            result.AddError($"--scenario does not know {string.Join(", ", unknown)}; it knows pairs, open, overload and tail.");
            return [];
        }
        return [.. names.Select(name => Enum.Parse<Scenario>(name, ignoreCase: true)).Distinct().Order()];
    }
}
