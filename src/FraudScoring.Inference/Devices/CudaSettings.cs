namespace FraudScoring.Inference.Devices;

/// <summary>Which GPU, and how much of it.</summary>
/// <param name="DeviceId">Its number, from 0 on.</param>
/// <param name="MemoryLimitBytes">Most device memory a session takes; 0: no limit.</param>
public sealed record CudaSettings(int DeviceId, long MemoryLimitBytes);
