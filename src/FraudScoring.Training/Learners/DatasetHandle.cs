using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using FraudScoring.Training.Datasets;
using static FraudScoring.Training.Learners.LightGbmNative;

namespace FraudScoring.Training.Learners;

/// <summary>A LightGBM data set: rows in binned form.</summary>
internal sealed unsafe class DatasetHandle : SafeHandle
{
    public DatasetHandle() : base(0, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Bins a matrix. LightGBM reads the chunks in place, without a copy.</summary>
    /// <param name="matrix">At least one row.</param>
    /// <param name="parameters">Parameters in LightGBM's format.</param>
    /// <param name="reference">For validation rows the training rows, whose bins they must share; null for training rows.</param>
    public static DatasetHandle Create(TrainingMatrix matrix, string parameters, DatasetHandle? reference = null)
    {
        var dataset = new DatasetHandle();
        try
        {
            dataset.Fill(matrix, parameters, reference);
            dataset.SetField("label", matrix.Labels);
            dataset.SetField("weight", matrix.Weights);
            dataset.SetNames(matrix.FeatureNames);
            return dataset;
        }
        catch
        {
            dataset.Dispose();
            throw;
        }
    }

    protected override bool ReleaseHandle() => LGBM_DatasetFree(handle) == 0;

    private void Fill(TrainingMatrix matrix, string parameters, DatasetHandle? reference)
    {
        var pieces = matrix.Pieces().ToArray();
        var pins = Array.ConvertAll(pieces, p => GCHandle.Alloc(p.Values, GCHandleType.Pinned));
        try
        {
            var data = stackalloc float*[pieces.Length];
            var rows = Array.ConvertAll(pieces, p => p.Rows);
            var rowMajor = Array.ConvertAll(pieces, _ => 1);
            for (var i = 0; i < pieces.Length; i++)
            {
                data[i] = (float*)pins[i].AddrOfPinnedObject() + pieces[i].Offset;
            }
            var categorical = string.Join(',', matrix.CategoricalFeatures.Select(c => c.ToString(CultureInfo.InvariantCulture)));
            var text = categorical.Length == 0 ? parameters : $"{parameters} categorical_feature={categorical}";
            nint created;
            fixed (byte* all = Encoding.UTF8.GetBytes(text + '\0'))
            fixed (int* rowCounts = rows, layouts = rowMajor)
            {
                Check(LGBM_DatasetCreateFromMats(
                    pieces.Length, data, Float32, rowCounts, matrix.Features, layouts, all, reference?.handle ?? 0, &created));
            }
            GC.KeepAlive(reference);
            SetHandle(created);
        }
        finally
        {
            Array.ForEach(pins, p => p.Free());
        }
    }

    private void SetField(string field, ReadOnlySpan<float> values)
    {
        fixed (float* first = values)
        {
            Check(LGBM_DatasetSetField(this, field, first, values.Length, Float32));
        }
    }

    private void SetNames(IReadOnlyList<string> names)
    {
        var texts = names.Select(Marshal.StringToCoTaskMemUTF8).ToArray();
        try
        {
            fixed (nint* first = texts)
            {
                Check(LGBM_DatasetSetFeatureNames(this, (byte**)first, texts.Length));
            }
        }
        finally
        {
            Array.ForEach(texts, Marshal.FreeCoTaskMem);
        }
    }
}
