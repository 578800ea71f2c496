using System.CommandLine;
using System.Text.RegularExpressions;
using FraudScoring.Server.Hosting;

namespace FraudScoring.Server.Commands;

/// <summary>The command line: it serves, unless a command is given.</summary>
internal static partial class ServerCommand
{
    /// <summary>What the shell gets when all went well.</summary>
    public const int Success = 0;

    /// <summary>What the shell gets when an argument, an option or the start was refused, or the service did not do its work.</summary>
    public const int Failure = 1;

    /// <summary>Parses the command line and does what it says.</summary>
    public static Task<int> RunAsync(string[] args) =>
        // The host itself stops in order on Ctrl-C and SIGTERM, and takes the time it needs.
        Create().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

    /// <summary>The root command.</summary>
    public static RootCommand Create()
    {
        var settings = SettingsArgument();
        var root = new RootCommand("Scores payments for fraud. Without a command it serves until it is stopped.")
        {
            settings,
            FeaturesCommand.Create(),
        };
        root.SetAction((parsed, _) => ReportAsync(parsed, () => ServeAsync(parsed.GetRequiredValue(settings))));
        return root;
    }

    /// <summary>Settings of the service among a command's arguments, as "--Section:Option=value".</summary>
    public static Argument<string[]> SettingsArgument()
    {
        var settings = new Argument<string[]>("--Section:Option=value")
        {
            Description = "Any option of appsettings.json, such as --Kafka:BootstrapServers=broker:9092.",
            Arity = ArgumentArity.ZeroOrMore,
            DefaultValueFactory = _ => [],
        };
        settings.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !SettingPattern().IsMatch(token.Value)))
            {
                result.AddError($"'{token.Value}' is neither a command nor an option; settings of the service are --Section:Option=value.");
            }
        });
        return settings;
    }

    /// <summary>Runs a command; what can go wrong outside this process ends as a clear line.</summary>
    public static async Task<int> ReportAsync(ParseResult parsed, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (StartFaultsException e)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync(e.Message);
        }
        catch (InvalidDataException e) when (e.InnerException is not null)
        {
            // A configuration file that is not JSON: the innermost exception knows the line.
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"Failed: {e.Message} {e.GetBaseException().Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException
            or Confluent.Kafka.KafkaException or StackExchange.Redis.RedisException or TimeoutException)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"Failed: {e.Message}");
        }
        return Failure;
    }

    private static async Task<int> ServeAsync(string[] settings)
    {
        await using var app = Wiring.Build(settings);
        var sequence = app.Services.GetServices<IHostedService>().OfType<StartSequence>().Single();
        try
        {
            await app.StartAsync();
            await app.WaitForShutdownAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // SIGTERM came while the service started.
        }
        // A consumer that fails stops the host, which does not tell whoever started the process.
        return sequence.ExecuteTask is { IsFaulted: true } ? Failure : Success;
    }

    [GeneratedRegex("^--[A-Za-z]+(:[A-Za-z0-9._]+)+=.*$", RegexOptions.Singleline)]
    private static partial Regex SettingPattern();
}
