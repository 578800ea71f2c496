namespace FraudScoring.Inference.Devices;

/// <summary>The GPU to use, and how much of its memory.</summary>
/// <param name="DeviceId">Number of the GPU, starting at 0.</param>
/// <param name="MemoryLimitBytes">Largest amount of device memory per session, in bytes; 0: no limit.</param>
public sealed record CudaSettings(int DeviceId, long MemoryLimitBytes);
