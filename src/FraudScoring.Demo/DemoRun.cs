using FraudScoring.Server.Commands;
using FraudScoring.Server.Deployments;
using FraudScoring.Server.Kafka;
using FraudScoring.Simulation;
using Spectre.Console;

namespace FraudScoring.Demo;

/// <summary>Runs the demo: starts the service, loads some weeks of history, scores the days after, and stops.</summary>
internal sealed class DemoRun(DemoOptions options, string[] settings, IAnsiConsole console, TimeProvider time)
{
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SettlePause = TimeSpan.FromMilliseconds(20);

    /// <returns>The exit code of the process.</returns>
    public async Task<int> RunAsync()
    {
        var simulation = new DemoSimulation(options, time.GetUtcNow());
        console.MarkupLine("[bold]FraudScoring demo[/]: starting the service");
        await using var server = await DemoServer.StartAsync(settings, simulation.AgeHours);
        Introduce(server);
        using var publisher = new EventPublisher(server.Kafka, time);
        var board = new Scoreboard();
        var health = server.Services.GetRequiredService<DeploymentHost>().Current.PaymentsHealth;
        var progress = new StreamProgress(health, server.Kafka.Options);
        using var traffic = new LiveTraffic(server, simulation, publisher, progress, board, options.Rate, time);
        using var events = PaymentSimulator.Run(simulation.Options).GetEnumerator();
        LiveFigures? figures = null;
        IDemoView view = console.Profile.Capabilities is { Ansi: true, Interactive: true } && console.Profile.Out.IsTerminal
            ? new TerminalView(console, time)
            : new PlainView(console, options.LineInterval, time);
        try
        {
            var history = new HistoryFeed(simulation, publisher, progress, time);
            await view.ShowHistoryAsync(history, Task.Run(() => history.LoadAsync(events, server.Stopping)));
            await traffic.WarmUpAsync(history.Newest, server.Stopping);
            await SettleAsync(() => server.Services.GetRequiredService<DecisionProducer>().Pending == 0);
            figures = new LiveFigures(options, server, traffic, publisher, progress, board, time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(server.Stopping);
            end.CancelAfter(options.Duration ?? Timeout.InfiniteTimeSpan);
            await view.ShowLiveAsync(figures, Task.Run(() => traffic.RunAsync(events, end.Token)));
        }
        catch (OperationCanceledException) when (server.Stopping.IsCancellationRequested)
        {
            console.MarkupLine("Stopped before the history was loaded.");
        }
        catch
        {
            WriteLog(server);
            throw;
        }
        return await FinishAsync(server, publisher, progress, figures);
    }

    private void Introduce(DemoServer server)
    {
        WriteLog(server);
        var deployment = server.Services.GetRequiredService<DeploymentHost>().Current;
        if (deployment.Router.Route() is { } model)
        {
            var manifest = model.Ensemble.Bundle.Manifest;
            var (used, all) = (manifest.Features.Count, deployment.Catalogue.Features.Count);
            console.MarkupLineInterpolated($"Model {manifest.Model} version {manifest.Version} with {used} of {all} features");
            model.Return();
        }
        console.MarkupLineInterpolated($"gRPC on {server.Addresses.Grpc}, metrics on http://{server.Addresses.Http}/metrics");
    }

    private void WriteLog(DemoServer server)
    {
        foreach (var line in server.Log.Take())
        {
            console.MarkupLineInterpolated($"[yellow]{line.Text}[/]");
        }
    }

    private async Task<int> FinishAsync(DemoServer server, EventPublisher publisher, StreamProgress progress, LiveFigures? figures)
    {
        // The measured time ends here; outstanding deliveries are still awaited.
        var last = figures?.TakeReading();
        await publisher.FlushAsync();
        await SettleAsync(() => progress.Transactions >= publisher.Transactions && progress.Labels >= publisher.Labels);
        await server.StopAsync();
        if (last is null)
        {
            return ServerCommand.Success;
        }
        var settled = figures!.TakeReading();
        last = last with { Delivered = settled.Delivered, Transactions = settled.Transactions, Labels = settled.Labels };
        DemoSummary.Print(console, last);
        if (last.Board is { Scored: 0, Failed: > 0 })
        {
            console.MarkupLineInterpolated($"[red]No payment could be scored: {last.Board.LastFailure}[/]");
            return ServerCommand.Failure;
        }
        return ServerCommand.Success;
    }

    private async Task SettleAsync(Func<bool> condition)
    {
        var start = time.GetTimestamp();
        while (!condition() && time.GetElapsedTime(start) < SettleLimit)
        {
            await Task.Delay(SettlePause, time);
        }
    }
}
