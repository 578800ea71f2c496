using System.CommandLine;
using FraudScoring.Core.Payments;
using FraudScoring.Training.Datasets;

namespace FraudScoring.Training.Commands;

/// <summary>The option of the commands that replay a log: how long a label without tokens finds its payment.</summary>
internal static class LabelHorizon
{
    private const int LeastDays = 1, MostDays = 3660;

    public static Option<int> CreateOption()
    {
        var option = new Option<int>("--label-horizon-days")
        {
            Description = "Longest time, in days, from a payment to a label without tokens that still finds it; must equal "
                + "Labels:HorizonDays of the service.",
            DefaultValueFactory = _ => (int)(LabelledPayments.DefaultHorizonMs / MillisecondsPer.Day),
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < LeastDays or > MostDays)
            {
                result.AddError($"{option.Name} must be {LeastDays} to {MostDays}.");
            }
        });
        return option;
    }

    /// <summary>The value in milliseconds.</summary>
    public static long ReadMs(ParseResult parsed, Option<int> option) => parsed.GetRequiredValue(option) * MillisecondsPer.Day;
}
