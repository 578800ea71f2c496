using System.Runtime.InteropServices;
using System.Text;
using FraudScoring.Training.Datasets;
using static FraudScoring.Training.Learners.LightGbmNative;

namespace FraudScoring.Training.Learners;

/// <summary>A LightGBM model, in training or loaded from its text.</summary>
internal sealed unsafe class BoosterHandle : SafeHandle
{
    private BoosterHandle(nint booster) : base(0, ownsHandle: true) => SetHandle(booster);

    public override bool IsInvalid => handle == 0;

    public static BoosterHandle Create(DatasetHandle rows, string parameters)
    {
        Check(LGBM_BoosterCreate(rows, parameters, out var booster));
        return new BoosterHandle(booster);
    }

    public static BoosterHandle Load(string modelText)
    {
        Check(LGBM_BoosterLoadModelFromString(modelText, out _, out var booster));
        return new BoosterHandle(booster);
    }

    public void AddValidation(DatasetHandle rows) => Check(LGBM_BoosterAddValidData(this, rows));

    /// <summary>Grows one tree; false if no split improves the loss any more.</summary>
    public bool Update()
    {
        Check(LGBM_BoosterUpdateOneIter(this, out var finished));
        return finished == 0;
    }

    /// <summary>The metric on the validation rows.</summary>
    public double ValidationLoss()
    {
        double loss;
        Check(LGBM_BoosterGetEval(this, 1, out _, &loss));
        return loss;
    }

    public void SetLeaf(int tree, int leaf, double value) => Check(LGBM_BoosterSetLeafValue(this, tree, leaf, value));

    /// <summary>The first <paramref name="iterations"/> trees as text; 0 for all.</summary>
    public string Text(int iterations = 0)
    {
        Check(LGBM_BoosterSaveModelToString(this, 0, iterations, 0, 0, out var length, null));
        var buffer = new byte[length];
        fixed (byte* first = buffer)
        {
            Check(LGBM_BoosterSaveModelToString(this, 0, iterations, 0, length, out _, first));
        }
        return Encoding.UTF8.GetString(buffer, 0, (int)length - 1);
    }

    /// <summary>Predicts every row.</summary>
    /// <param name="matrix">The rows.</param>
    /// <param name="kind">What to predict, such as <see cref="PredictRawScore"/>.</param>
    /// <param name="numbersPerRow">Number of values of that kind per row.</param>
    /// <param name="results">Receives the values, row-major.</param>
    public void Predict(TrainingMatrix matrix, int kind, int numbersPerRow, Span<double> results)
    {
        var done = 0;
        foreach (var (values, offset, rows) in matrix.Pieces())
        {
            var target = results.Slice(done, rows * numbersPerRow);
            fixed (float* data = &values[offset])
            fixed (double* first = target)
            {
                Check(LGBM_BoosterPredictForMat(
                    this, data, Float32, rows, matrix.Features, 1, kind, 0, 0, "verbosity=-1", out var length, first));
                if (length != target.Length)
                {
                    throw new LightGbmException($"predicted {length} numbers where {target.Length} were expected");
                }
            }
            done += target.Length;
        }
    }

    protected override bool ReleaseHandle() => LGBM_BoosterFree(handle) == 0;
}
