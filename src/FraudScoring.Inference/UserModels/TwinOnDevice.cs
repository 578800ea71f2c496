using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Devices;
using FraudScoring.Inference.Ensembles;
using Microsoft.ML.OnnxRuntime;

namespace FraudScoring.Inference.UserModels;

/// <summary>
/// A brought model's place on a device beside the CPU. It is opened, compared with the model on the CPU and measured before it takes
/// requests. When it fails, the CPU answers, and it is tried again from time to time, off the path.
/// </summary>
internal sealed class TwinOnDevice : IDisposable
{
    private const double Tolerance = 1e-4;
    private const int ComparedRows = 64, TimedRuns = 3;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);
    private static readonly int[] MeasuredRows = [1, 8, 64, 512];
    private readonly byte[] _twin;
    private readonly IDeviceSession _own;
    private readonly SampleInputs _sample;
    private readonly IReadOnlyList<TensorSpec> _outputs;
    private readonly IDevice _device;
    private readonly EnsembleSettings _settings;
    private readonly Action<Action> _begin;
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _isQuiet = new(initialState: true);
    private SharedSession? _session;
    private bool _isStopped;

    /// <param name="subject">The model.</param>
    /// <param name="twin">Its twin's graph.</param>
    /// <param name="own">The model on the CPU; not disposed of here.</param>
    /// <param name="sample">Inputs to compare and to measure with.</param>
    /// <param name="outputs">All outputs.</param>
    /// <param name="settings">The device, and when it is used.</param>
    /// <param name="begin">Begins work off the path; by default on a thread of its own.</param>
    public TwinOnDevice(
        ModelName subject, byte[] twin, IDeviceSession own, SampleInputs sample, IReadOnlyList<TensorSpec> outputs, EnsembleSettings settings,
        Action<Action>? begin = null)
    {
        (_twin, _own, _sample, _outputs, _settings) = (twin, own, sample, outputs, settings);
        _device = settings.Device!;
        Standing = new DeviceHealth(subject, _device.Name, settings.Batch, settings.Time, settings.Reports);
        _begin = begin ?? (work => new Thread(() => work()) { IsBackground = true, Name = $"twin {_device.Name}" }.Start());
    }

    /// <summary>Name of the device.</summary>
    public string Name => _device.Name;

    /// <summary>How it stands.</summary>
    public DeviceHealth Standing { get; }

    /// <summary>Opens it on this thread.</summary>
    public void Open()
    {
        IDeviceSession? session = null;
        try
        {
            using var row = new BoundTensors(_sample.Rows(1, seed: 1));
            session = _device.OpenSession(_twin, row.Named);
            Compare(session);
            TakeUp(session, Calibrate(session));
            session = null;
        }
        catch (Exception e) when (DeviceHealth.After(e) is { } state)
        {
            Leave(state, e.Message);
        }
        finally
        {
            session?.Dispose();
        }
    }

    /// <summary>Runs it there.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="outputs">The outputs that are wanted.</param>
    /// <param name="options">How.</param>
    /// <param name="failure">What the device did that the CPU, if it does better, is to be believed over.</param>
    /// <returns>Null when the CPU is to run it.</returns>
    public Tensor[]? Run(BoundTensors inputs, IReadOnlyList<TensorSpec> outputs, RunOptions options, out string? failure)
    {
        failure = null;
        if (Enter(inputs.Rows) is not { } session)
        {
            return null;
        }
        try
        {
            var answer = inputs.Run(session.Session, outputs, options);
            failure = AnswerCheck.WhyNone(answer, outputs) is { } why ? $"it gave {why}, where the CPU gives an answer" : null;
            return failure is null ? answer : null;
        }
        catch (Exception e) when (DeviceHealth.After(e) == DeviceState.Down)
        {
            failure = options.Terminate ? null : e.Message;
            return null;
        }
        finally
        {
            session.Leave();
        }
    }

    /// <summary>The device failed, where the CPU did not.</summary>
    public void Fail(string reason) => Leave(DeviceState.Down, reason, from: DeviceState.Up);

    /// <summary>Lets go of the device.</summary>
    /// <returns>False when it hangs while it is opened: what it uses must be left as it is.</returns>
    public bool Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            LetGo();
        }
        return _isQuiet.Wait(StopLimit);
    }

    /// <inheritdoc />
    public void Dispose() => Stop();

    /// <summary>Takes a hold of the session; null when the device is not well, or not worth the trip.</summary>
    private SharedSession? Enter(long rows)
    {
        var isDue = false;
        lock (_gate)
        {
            if (_session is { } session && rows >= Standing.Threshold)
            {
                session.Enter();
                return session;
            }
            if (!_isStopped && _isQuiet.IsSet && Standing.IsDue)
            {
                isDue = true;
                _isQuiet.Reset();
            }
        }
        if (isDue)
        {
            _begin(OpenAgain);
        }
        return null;
    }

    private void OpenAgain()
    {
        try
        {
            Open();
        }
        finally
        {
            _isQuiet.Set();
        }
    }

    private void TakeUp(IDeviceSession session, int threshold)
    {
        lock (_gate)
        {
            _session = new SharedSession(session);
            Standing.Up(threshold, "rows");
            if (_isStopped)
            {
                LetGo();
            }
        }
    }

    private void Leave(DeviceState state, string reason, DeviceState? from = null)
    {
        lock (_gate)
        {
            // Of several runs that fail side by side the first one tells.
            if (from is null || Standing.State == from)
            {
                LetGo();
                Standing.Leave(state, reason);
            }
        }
    }

    private void LetGo()
    {
        _session?.Leave();
        _session = null;
    }

    private void Compare(IDeviceSession session)
    {
        using var rows = new BoundTensors(_sample.Rows(ComparedRows, seed: 2));
        if (TensorDifference.Of(rows.Run(_own, _outputs), rows.Run(session, _outputs), Tolerance) is { } difference)
        {
            throw new DeviceFailedException($"it does not answer as the CPU does: {difference}");
        }
    }

    private int Calibrate(IDeviceSession session)
    {
        if (_settings.Batch.TransferThreshold > 0)
        {
            return _settings.Batch.TransferThreshold;
        }
        var sizes = _sample.HasFreeRows ? MeasuredRows : [1];
        return TransferThreshold.Of(sizes, Array.ConvertAll(sizes, size => Time(session, size)), Array.ConvertAll(sizes, size => Time(_own, size)));
    }

    /// <summary>The shortest of a few runs: what the machine does besides only makes them longer.</summary>
    private long Time(IDeviceSession session, int size)
    {
        using var rows = new BoundTensors(_sample.Rows(size, seed: 3));
        return Enumerable.Range(0, TimedRuns).Min(_ =>
        {
            var start = _settings.Time.GetTimestamp();
            rows.Run(session, _outputs);
            return _settings.Time.GetTimestamp() - start;
        });
    }

    /// <summary>A session that is disposed of when it was let go of and its last run has ended.</summary>
    private sealed class SharedSession(IDeviceSession session)
    {
        private int _holds = 1;

        public IDeviceSession Session => session;

        public void Enter() => Interlocked.Increment(ref _holds);

        public void Leave()
        {
            if (Interlocked.Decrement(ref _holds) == 0)
            {
                session.Dispose();
            }
        }
    }
}
