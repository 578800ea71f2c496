using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FraudScoring.Training.Learners;

/// <summary>
/// The functions of LightGBM's C API (c_api.h, version 4.7) that training uses. On Linux they need the OpenMP runtime (libgomp1).
/// </summary>
internal static unsafe partial class LightGbmNative
{
    public const int Float32 = 0;
    public const int PredictRawScore = 1;
    public const int PredictLeafIndex = 2;
    public const int PredictContributions = 3;
    private const string Library = "lib_lightgbm";

    // LightGBM's messages reach the caller as exceptions; printed lines would break the progress bars.
    static LightGbmNative() => _ = LGBM_RegisterLogCallback(&Ignore);

    /// <exception cref="LightGbmException">The call failed; the message is LightGBM's.</exception>
    public static void Check(int status, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != 0)
        {
            var name = call[..call.IndexOf('(', StringComparison.Ordinal)];
            throw new LightGbmException($"{name}: {Marshal.PtrToStringUTF8(LGBM_GetLastError())}");
        }
    }

    [LibraryImport(Library)]
    public static partial int LGBM_DatasetCreateFromMats(
        int matrices, float** data, int dataType, int* rows, int columns, int* isRowMajor, byte* parameters, nint reference, nint* dataset);

    [LibraryImport(Library)]
    public static partial int LGBM_DatasetSetFeatureNames(DatasetHandle dataset, byte** names, int count);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LGBM_DatasetSetField(DatasetHandle dataset, string field, float* values, int count, int dataType);

    [LibraryImport(Library)]
    public static partial int LGBM_DatasetFree(nint dataset);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LGBM_BoosterCreate(DatasetHandle dataset, string parameters, out nint booster);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LGBM_BoosterLoadModelFromString(string model, out int iterations, out nint booster);

    [LibraryImport(Library)]
    public static partial int LGBM_BoosterAddValidData(BoosterHandle booster, DatasetHandle dataset);

    [LibraryImport(Library)]
    public static partial int LGBM_BoosterUpdateOneIter(BoosterHandle booster, out int isFinished);

    [LibraryImport(Library)]
    public static partial int LGBM_BoosterGetEval(BoosterHandle booster, int dataset, out int count, double* results);

    [LibraryImport(Library)]
    public static partial int LGBM_BoosterSetLeafValue(BoosterHandle booster, int tree, int leaf, double value);

    [LibraryImport(Library)]
    public static partial int LGBM_BoosterSaveModelToString(
        BoosterHandle booster, int startIteration, int iterations, int importance, long bufferLength, out long length, byte* buffer);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LGBM_BoosterPredictForMat(
        BoosterHandle booster, float* data, int dataType, int rows, int columns, int isRowMajor, int kind, int startIteration,
        int iterations, string parameters, out long length, double* results);

    [LibraryImport(Library)]
    public static partial int LGBM_BoosterFree(nint booster);

    [LibraryImport(Library)]
    private static partial nint LGBM_GetLastError();

    [LibraryImport(Library)]
    private static partial int LGBM_RegisterLogCallback(delegate* unmanaged[Cdecl]<byte*, void> callback);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Ignore(byte* message)
    {
    }
}

/// <summary>A call of LightGBM failed. The message is LightGBM's.</summary>
internal sealed class LightGbmException(string message) : Exception(message);
