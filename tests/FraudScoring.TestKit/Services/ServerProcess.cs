using System.Diagnostics;
using System.Runtime.InteropServices;

namespace FraudScoring.TestKit.Services;

/// <summary>A server in a child process, which is killed when this process ends, even if this one is killed.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const int TerminateSignal = 15;
    private static readonly int FreezeSignal = OperatingSystem.IsMacOS() ? 17 : 19;
    private static readonly int ThawSignal = OperatingSystem.IsMacOS() ? 19 : 18;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly Process _server;
    private readonly Process? _guard;
    private readonly Queue<string> _output = new();

    private ServerProcess(Process server)
    {
        _server = server;
        server.OutputDataReceived += (_, line) => Keep(line.Data);
        server.ErrorDataReceived += (_, line) => Keep(line.Data);
        server.Start();
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        _guard = Guard(server.Id);
    }

    public int Id => _server.Id;

    public bool HasExited => _server.HasExited;

    /// <summary>The last lines of output.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    /// <summary>Memory used by the server, in bytes.</summary>
    public long ResidentBytes => Look(process => process.WorkingSet64);

    /// <summary>Processor time used by the server.</summary>
    public TimeSpan ProcessorTime => Look(process => process.TotalProcessorTime);

    /// <summary>Starts a server.</summary>
    /// <param name="file">The program.</param>
    /// <param name="folder">Its working directory.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Environment variables in addition to those of this process.</param>
    /// <param name="processors">Processors that it may use, as taskset takes them, such as "0". Null: those of this process.</param>
    public static ServerProcess Start(
        string file, string folder, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null,
        string? processors = null)
    {
        // taskset replaces itself by the program, so the process id is the program's.
        var start = processors is null
            ? new ProcessStartInfo(file, arguments)
            : new ProcessStartInfo("taskset", ["-c", processors, file, .. arguments]);
        start.WorkingDirectory = folder;
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }
        return new ServerProcess(new Process { StartInfo = start });
    }

    /// <summary>Waits until the server responds.</summary>
    /// <exception cref="InvalidOperationException">
    /// The server exited or did not respond in time. The message contains its last lines of output.
    /// </exception>
    public async Task UntilReadyAsync(Func<Task<bool>> answers, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        while (!await answers())
        {
            if (HasExited || clock.Elapsed > limit)
            {
                var what = HasExited ? $"ended with code {_server.ExitCode}" : $"did not answer within {limit}";
                throw new InvalidOperationException($"{_server.StartInfo.FileName} {what}:\n{Output}");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    /// <summary>Waits until a program exits on its own.</summary>
    /// <exception cref="InvalidOperationException">The program failed. The message contains its last lines of output.</exception>
    public async Task UntilEndedAsync(TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        await _server.WaitForExitAsync(timeout.Token);
        if (_server.ExitCode != 0)
        {
            throw new InvalidOperationException($"{_server.StartInfo.FileName} ended with code {_server.ExitCode}:\n{Output}");
        }
    }

    /// <summary>Asks the program to stop (SIGTERM).</summary>
    /// <returns>False if the program has already exited.</returns>
    public bool Terminate() => !HasExited && Signal(_server.Id, TerminateSignal) == 0;

    /// <summary>Suspends the server (SIGSTOP). To its clients it looks dead until it is resumed.</summary>
    public void Freeze() => Send(FreezeSignal);

    /// <summary>Resumes a suspended server (SIGCONT).</summary>
    public void Thaw() => Send(ThawSignal);

    /// <summary>Asks the server to stop (SIGTERM), waits for it, and kills it if it does not stop in time.</summary>
    public async Task StopAsync()
    {
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            if (Terminate())
            {
                await _server.WaitForExitAsync(limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine($"{_server.StartInfo.FileName} did not stop within {StopLimit} and is killed.");
        }
        Dispose();
    }

    /// <summary>Kills the server immediately (SIGKILL), with its child processes.</summary>
    public async Task KillAsync()
    {
        _server.Kill(entireProcessTree: true);
        await _server.WaitForExitAsync();
        Dispose();
    }

    public void Dispose()
    {
        End(_guard);
        End(_server);
    }

    private T Look<T>(Func<Process, T> what)
    {
        _server.Refresh();
        return what(_server);
    }

    private void Send(int signal)
    {
        if (Signal(_server.Id, signal) != 0)
        {
            throw new InvalidOperationException(
                $"Signal {signal} could not be sent to {_server.StartInfo.FileName}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    private static void End(Process? process)
    {
        if (process is null)
        {
            return;
        }
        try
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It has already exited.
        }
        process.Dispose();
    }

    // A shell that waits on a pipe from this process. However this process ends, the pipe closes and the shell kills the server.
    private static Process? Guard(int server)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }
        var script = $"cat > /dev/null; kill -9 {server} 2> /dev/null";
        return Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardInput = true });
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            if (line is not null)
            {
                _output.Enqueue(line);
            }
            if (_output.Count > 50)
            {
                _output.Dequeue();
            }
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Signal(int process, int signal);
}
