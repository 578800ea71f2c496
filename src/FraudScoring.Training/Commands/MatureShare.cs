using System.CommandLine;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Commands;

/// <summary>The option of the commands that test on a log: where its mature labels end.</summary>
internal static class MatureShare
{
    private const double Most = 0.99;

    public static Option<double> CreateOption()
    {
        var option = new Option<double>("--mature-share")
        {
            Description = "Share of frauds, 0 to 0.99, that must be labelled by the end of the log for a day to be tested on. "
                + "Later days are left out and named. 0 leaves none out.",
            DefaultValueFactory = _ => LabelMaturity.DefaultShare,
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and <= Most))
            {
                result.AddError(FormattableString.Invariant($"{option.Name} must be 0 to {Most}."));
            }
        });
        return option;
    }
}
