using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Ways to change rows of features. Formulas are computed again, as they would be when the service meets such a payment.</summary>
internal sealed class RowChange(FeatureCatalogue catalogue)
{
    private readonly int[] _measured =
    [
        .. catalogue.Program.Payment.Select(p => p.Feature),
        .. catalogue.Program.AggregatesByEntity.SelectMany(a => a.Select(i => i.Feature)),
    ];

    /// <summary>What an entity's history says is missing, as when it could not be read.</summary>
    public void BlankEntity(int entity, float[] row)
    {
        foreach (var instruction in catalogue.Program.AggregatesByEntity[entity])
        {
            row[instruction.Feature] = float.NaN;
        }
        FeatureBuilder.FillFormulas(catalogue, row);
    }

    /// <summary>What the payment itself says is missing.</summary>
    public void BlankPayment(float[] row)
    {
        foreach (var instruction in catalogue.Program.Payment)
        {
            row[instruction.Feature] = float.NaN;
        }
        FeatureBuilder.FillFormulas(catalogue, row);
    }

    /// <summary>Each feature is missing with some probability.</summary>
    public void BlankSome(double share, RandomStream random, float[] row)
    {
        foreach (var feature in _measured)
        {
            row[feature] = random.Chance(share) ? float.NaN : row[feature];
        }
        FeatureBuilder.FillFormulas(catalogue, row);
    }

    /// <summary>Amounts, attributes and all aggregates are off by up to a share of themselves. Codes, flags and the clock are not noisy.</summary>
    public void AddNoise(double share, RandomStream random, float[] row)
    {
        foreach (var instruction in catalogue.Program.Payment)
        {
            if (instruction.Value is PaymentValue.Amount or PaymentValue.Attribute)
            {
                row[instruction.Feature] *= (float)random.Uniform(1 - share, 1 + share);
            }
        }
        foreach (var instruction in catalogue.Program.AggregatesByEntity.SelectMany(aggregates => aggregates))
        {
            row[instruction.Feature] *= (float)random.Uniform(1 - share, 1 + share);
        }
        FeatureBuilder.FillFormulas(catalogue, row);
    }
}
