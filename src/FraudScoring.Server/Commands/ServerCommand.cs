using System.CommandLine;
using System.Text.RegularExpressions;
using FraudScoring.Server.Hosting;

namespace FraudScoring.Server.Commands;

/// <summary>The command line. Without a command it runs the service.</summary>
internal static partial class ServerCommand
{
    /// <summary>Exit code of a command that succeeded.</summary>
    public const int Success = 0;

    /// <summary>Exit code when an argument or option is invalid, the start fails, or the service stops because a consumer failed.</summary>
    public const int Failure = 1;

    /// <summary>Parses the command line and runs it to the end.</summary>
    public static Task<int> RunAsync(string[] args) =>
        // No timeout: the host handles Ctrl-C and SIGTERM itself, and needs time to deliver the decisions it has accepted.
        Create().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

    public static RootCommand Create()
    {
        var settings = SettingsArgument();
        var root = new RootCommand("Scores payments for fraud. Without a command, runs the service until it is stopped.")
        {
            settings,
            FeaturesCommand.Create(),
            SpoolCommand.Create(),
        };
        root.SetAction((parsed, _) => ReportAsync(parsed, () => ServeAsync(parsed.GetRequiredValue(settings))));
        return root;
    }

    /// <summary>The argument for options of the service, written as "--Section:Option=value".</summary>
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
                result.AddError(
                    $"'{token.Value}' is neither a command nor an option; write options of the service as --Section:Option=value.");
            }
        });
        return settings;
    }

    /// <summary>
    /// Runs a command. Failures caused from outside the process end as one line on standard error, without a stack trace.
    /// </summary>
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
            // A configuration file that is not valid JSON: only the innermost exception names the line.
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
            // SIGTERM arrived during the start.
        }
        // A failed consumer stops the host, but WaitForShutdownAsync returns normally; only this task tells the two apart.
        return sequence.ExecuteTask is { IsFaulted: true } ? Failure : Success;
    }

    [GeneratedRegex("^--[A-Za-z]+(:[A-Za-z0-9._]+)+=.*$", RegexOptions.Singleline)]
    private static partial Regex SettingPattern();
}
