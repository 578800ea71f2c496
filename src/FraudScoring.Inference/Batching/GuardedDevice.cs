using FraudScoring.Inference.Devices;

namespace FraudScoring.Inference.Batching;

/// <summary>
/// A device beside the CPU for one model. Owns the whole sequence:
/// 1 Open opens the graph on the device.
/// 2 Compare runs made-up rows on both; a device that does not agree with the CPU is not used.
/// 3 Calibrate finds the batch size from which the device is faster.
/// 4 Run runs on the device, and on the CPU when the device fails or gives no valid answer.
/// 5 Fail lets go of a device that did worse than the CPU. After a pause it is opened again.
/// </summary>
/// <typeparam name="TRunner">What runs the graph: a lane over fixed buffers, or a session over tensors.</typeparam>
internal sealed class GuardedDevice<TRunner>(IDeviceTrial<TRunner> trial, DeviceHealth health, BatchSettings settings) : IDisposable
    where TRunner : class, IDisposable
{
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _isSettled = new(initialState: false);
    private SharedRunner? _current;
    private bool _isClosed;

    /// <summary>Whether the device is in use, and why not.</summary>
    public DeviceHealth Health => health;

    /// <summary>
    /// Opens the device on this thread. The first call needs no permission; each later one needs <see cref="TryBeginProbe"/>.
    /// </summary>
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
            TakeUp(runner, Calibrate(runner));
            runner = null;
        }
        catch (Exception e)
        {
            // Whatever a device does while it is opened, the CPU serves the model.
            LeaveUnopened(e);
        }
        finally
        {
            try
            {
                runner?.Dispose();
            }
            finally
            {
                _isSettled.Set();
            }
        }
    }

    /// <summary>Opens the device again on another thread, when it has failed and its pause is over.</summary>
    /// <param name="begin">Begins work on another thread.</param>
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
            // Without a thread the device stays out of use, and is tried again after the next pause: the caller's request must not fail for it.
            LeaveUnopened(e);
            _isSettled.Set();
        }
    }

    /// <summary>Asks whether the device is to be opened again now.</summary>
    /// <returns>True when the caller is to call <see cref="Open"/>, on a thread of its choice.</returns>
    public bool TryBeginProbe()
    {
        // Most callers find the device in use, and take no lock.
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

    /// <summary>Runs on the device when it is in use, else on the CPU. What the CPU throws is thrown.</summary>
    /// <param name="work">The rows.</param>
    /// <param name="isWorthIt">False to run on the CPU in any case.</param>
    /// <returns>True when the device answered.</returns>
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
                // 5 Fail. The CPU did better on the same rows: so it is the device, and not the model or the rows.
                Fail(device!, found.Reason);
            }
            return false;
        }
        finally
        {
            device?.Leave();
        }
    }

    /// <summary>Lets go of the device.</summary>
    /// <param name="limit">How long to wait for another thread that is opening it.</param>
    /// <returns>False when the device hangs while it is opened: what it uses must be left as it is.</returns>
    public bool Close(TimeSpan limit)
    {
        lock (_gate)
        {
            _isClosed = true;
            LetGo();
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
            failure = work.Run(runner) is { } why ? new Failure($"it gave {why}, where the CPU gives an answer", IsThrown: false) : null;
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
            _current?.Enter();
            return _current;
        }
    }

    private void TakeUp(TRunner runner, int threshold)
    {
        lock (_gate)
        {
            _current = new SharedRunner(runner);
            health.Accept(threshold, trial.RowsName);
            if (_isClosed)
            {
                LetGo();
            }
        }
    }

    private void LeaveUnopened(Exception e)
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
            // Of several runs that fail side by side the first one tells; a late one must not blame what was opened since.
            if (_current == failed)
            {
                LetGo();
                health.Fail(reason);
            }
        }
    }

    private void LetGo()
    {
        _current?.Leave();
        _current = null;
    }

    /// <summary>How the device failed a run.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="IsThrown">It gave no answer at all, where an answer that is invalid may be the rows' fault.</param>
    private readonly record struct Failure(string Reason, bool IsThrown);

    /// <summary>A runner that is disposed of once it was let go of and its last run has ended.</summary>
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
