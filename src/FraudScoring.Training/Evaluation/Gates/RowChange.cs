using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Features;
using FraudScoring.Core.Statistics;

namespace FraudScoring.Training.Evaluation.Gates;

/// <summary>Changes to feature rows. Formulas are recomputed from the changed features, as the service would compute them.</summary>
internal sealed class RowChange(FeatureCatalogue catalogue)
{
    private readonly int[] _measured =
    [
        .. catalogue.Program.Payment.Select(p => p.Feature),
        .. catalogue.Program.AggregatesByEntity.SelectMany(a => a.Select(i => i.Feature)),
    ];

    /// <summary>Removes all aggregates of an entity, as if its profile could not be read.</summary>
    public void BlankEntity(int entity, float[] row)
    {
        foreach (var instruction in catalogue.Program.AggregatesByEntity[entity])
        {
            row[instruction.Feature] = float.NaN;
        }
        FeatureBuilder.FillFormulas(catalogue, row);
    }

    /// <summary>Removes all features taken from the payment itself.</summary>
    public void BlankPayment(float[] row)
    {
        foreach (var instruction in catalogue.Program.Payment)
        {
            row[instruction.Feature] = float.NaN;
        }
        FeatureBuilder.FillFormulas(catalogue, row);
    }

    /// <summary>Removes each feature with the given probability.</summary>
    public void BlankSome(double share, RandomStream random, float[] row)
    {
        foreach (var feature in _measured)
        {
            row[feature] = random.Chance(share) ? float.NaN : row[feature];
        }
        FeatureBuilder.FillFormulas(catalogue, row);
    }

    /// <summary>
    /// Multiplies amounts, attributes and aggregates by a random factor of 1 ± <paramref name="share"/>. Codes, flags and times stay exact:
    /// a merchant category that is off by 10 % is another category, not a noisy one.
    /// </summary>
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
