using FraudScoring.Inference.Devices;

namespace FraudScoring.Inference.Batching;

/// <summary>
/// Runs one model on a device, and on the CPU when the device fails. Owns the whole sequence:
/// 1 Open opens the graph on the device.
/// 2 Compare runs generated rows on both; a device that disagrees with the CPU is not used.
/// 3 Calibrate finds the number of rows from which the device is faster.
/// 4 Run runs on the device, and on the CPU when the device fails or returns an invalid answer.
/// 5 Fail closes a device that failed where the CPU succeeded. It is opened again after a pause.
/// </summary>
/// <typeparam name="TRunner">What runs the graph: a lane with fixed buffers, or a session over tensors.</typeparam>
internal sealed class GuardedDevice<TRunner>(IDeviceTrial<TRunner> trial, DeviceHealth health, BatchSettings settings) : IDisposable
    where TRunner : class, IDisposable
{
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _isSettled = new(initialState: false);
    private SharedRunner? _current;
    private bool _isClosed;

    public DeviceHealth Health => health;

    /// <summary>Opens the device on this thread. Every call but the first requires <see cref="TryBeginProbe"/>.</summary>
    public void Open()
    {
        TRunner? runner = null;
        try
        {
            // 1 Open
            runner = trial.Open();
            // 2 Compare
            if (trial.FindDifference(runner) is { } difference)
            {
                throw new DeviceFailedException(difference);
            }
            // 3 Calibrate
            Use(runner, Calibrate(runner));
            runner = null;
        }
        catch (Exception e)
        {
            // Any exception: whatever the device does while it is opened, the CPU serves the model.
            RecordOpenFailure(e);
        }
        finally
        {
            try
            {
                runner?.Dispose();
            }
            finally
            {
                // Also when disposing throws: Close waits for this.
                _isSettled.Set();
            }
        }
    }

    /// <summary>Opens the device again on another thread, if it has failed and its pause is over.</summary>
    /// <param name="begin">Starts work on another thread.</param>
    public void Reopen(Action<Action> begin)
    {
        if (!TryBeginProbe())
        {
            return;
        }
        try
        {
            begin(Open);
        }
        catch (Exception e)
        {
            // No thread could be started. The caller's request must not fail for that: the device stays unused until the next pause is
            // over.
            RecordOpenFailure(e);
            _isSettled.Set();
        }
    }

    /// <summary>Begins a probe of a failed device if it is due.</summary>
    /// <returns>True when the caller must call <see cref="Open"/>, on a thread of its choice.</returns>
    public bool TryBeginProbe()
    {
        // The usual case takes no lock.
        if (health.State != CircuitState.Open)
        {
            return false;
        }
        lock (_gate)
        {
            if (_isClosed || !health.TryBeginProbe())
            {
                return false;
            }
            _isSettled.Reset();
            return true;
        }
    }

    /// <summary>Runs on the device if it is in use, otherwise on the CPU. Exceptions of the CPU run are passed on.</summary>
    /// <param name="work">The rows.</param>
    /// <param name="isWorthIt">False to use the CPU in any case.</param>
    /// <returns>True when the device ran the rows.</returns>
    public bool Run<TWork>(TWork work, bool isWorthIt = true)
        where TWork : IDeviceWork<TRunner>
    {
        var failure = default(Failure?);
        var device = isWorthIt ? Enter() : null;
        try
        {
            // 4 Run
            if (device is not null && TryRun(device.Runner, work, out failure))
            {
                return true;
            }
            var isValid = work.Run(trial.Cpu) is null;
            if (failure is { } found && (isValid || found.IsThrown))
            {
                // 5 Fail. An invalid answer counts against the device only if the CPU's is valid for the same rows: otherwise the
                // model or the rows are the cause.
                Fail(device!, found.Reason);
            }
            return false;
        }
        finally
        {
            device?.Leave();
        }
    }

    /// <summary>Closes the device.</summary>
    /// <param name="limit">How long to wait for another thread that is opening it.</param>
    /// <returns>False when opening hangs. What the device uses must then not be freed.</returns>
    public bool Close(TimeSpan limit)
    {
        lock (_gate)
        {
            _isClosed = true;
            Release();
        }
        return _isSettled.Wait(limit);
    }

    /// <inheritdoc />
    public void Dispose() => Close(TimeSpan.Zero);

    private static bool TryRun<TWork>(TRunner runner, TWork work, out Failure? failure)
        where TWork : IDeviceWork<TRunner>
    {
        try
        {
            failure = work.Run(runner) is { } why
                ? new Failure($"returned {why}; the CPU returned a valid answer for the same rows", IsThrown: false)
                : null;
            return failure is null;
        }
        catch (Exception e)
        {
            failure = work.IsAbandoned ? null : new Failure(e.Message, IsThrown: true);
            return false;
        }
    }

    private int Calibrate(TRunner runner)
    {
        var sizes = trial.Sizes;
        long[] device = new long[sizes.Count], cpu = new long[sizes.Count];
        for (var i = 0; i < sizes.Count; i++)
        {
            device[i] = trial.Measure(runner, sizes[i]);
            cpu[i] = trial.Measure(trial.Cpu, sizes[i]);
        }
        return settings.TransferThreshold > 0 ? settings.TransferThreshold : TransferThreshold.Find(sizes, device, cpu);
    }

    private SharedRunner? Enter()
    {
        if (health.State != CircuitState.Closed)
        {
            return null;
        }
        lock (_gate)
        {
            // Under the lock, so that the runner cannot be disposed of between being read and being held.
            _current?.Enter();
            return _current;
        }
    }

    private void Use(TRunner runner, int threshold)
    {
        lock (_gate)
        {
            _current = new SharedRunner(runner);
            health.Accept(threshold, trial.RowsName);
            // Closed while it was being opened: nobody else would release it.
            if (_isClosed)
            {
                Release();
            }
        }
    }

    private void RecordOpenFailure(Exception e)
    {
        lock (_gate)
        {
            if (e is DeviceRefusedException or InvalidDataException)
            {
                health.Refuse(e.Message);
            }
            else
            {
                health.Fail(e.Message);
            }
        }
    }

    private void Fail(SharedRunner failed, string reason)
    {
        lock (_gate)
        {
            // Only the first of several concurrent failures counts. A late one must not close a device that was reopened since.
            if (_current == failed)
            {
                Release();
                health.Fail(reason);
            }
        }
    }

    private void Release()
    {
        _current?.Leave();
        _current = null;
    }

    /// <summary>How the device failed a run.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="IsThrown">The run threw an exception. Otherwise its answer was invalid, which the rows may have caused.</param>
    private readonly record struct Failure(string Reason, bool IsThrown);

    /// <summary>A runner that is disposed of after it was released and its last run has ended.</summary>
    private sealed class SharedRunner(TRunner runner)
    {
        private int _holds = 1;

        public TRunner Runner => runner;

        public void Enter() => Interlocked.Increment(ref _holds);

        public void Leave()
        {
            if (Interlocked.Decrement(ref _holds) == 0)
            {
                runner.Dispose();
            }
        }
    }
}
