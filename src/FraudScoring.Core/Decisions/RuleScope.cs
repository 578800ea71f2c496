using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Expressions;
using FraudScoring.Core.Payments;

namespace FraudScoring.Core.Decisions;

/// <summary>The names that the conditions of rules may use: fields of the payment, features of the catalogue and the score.</summary>
public static class RuleScope
{
    /// <summary>The channels by their numbers, as expressions write them.</summary>
    private static readonly string[] Channels = CreateChannels();

    /// <summary>Creates the scope of a catalogue.</summary>
    public static ExpressionScope<RuleContext> Create(FeatureCatalogue catalogue)
    {
        var scope = new ExpressionScope<RuleContext>()
            .Number("score", (in c) => c.Score)
            .Number("payment.amount", (in c) => c.Amount)
            .Text("payment.currency", (in c) => c.Payment.Currency.Code)
            .Number("payment.merchant_category", (in c) => c.Payment.MerchantCategory == 0 ? double.NaN : c.Payment.MerchantCategory)
            .Text("payment.channel", (in c) => Channels[(int)c.Payment.Channel])
            .Number("payment.latitude", (in c) => c.Payment.Latitude)
            .Number("payment.longitude", (in c) => c.Payment.Longitude)
            .Texts("payment.attributes", name =>
                PaymentField.TryParse($"attributes.{name}", out var field) ? (in c) => field.TextOf(c.Payment) : null)
            .Numbers("payment.numbers", name => (in c) => NumberOf(c.Payment, name));
        foreach (var name in PaymentField.Names)
        {
            if (PaymentField.TryParse(name, out var field) && field.IsText)
            {
                scope.Text($"payment.{name}", (in c) => field.TextOf(c.Payment));
            }
        }
        foreach (var feature in catalogue.Features)
        {
            var index = feature.Index;
            scope.SingleNumber($"features.{feature.Name}", (in c) => c.Row[index]);
        }
        return scope;
    }

    private static double NumberOf(Payment payment, string name)
    {
        // By index: the enumerator of an interface would be allocated.
        for (var i = 0; i < payment.Attributes.Count; i++)
        {
            if (payment.Attributes[i].Name == name)
            {
                return payment.Attributes[i].Number;
            }
        }
        return double.NaN;
    }

    private static string[] CreateChannels()
    {
        var names = new string[Enum.GetValues<Channel>().Max(channel => (int)channel) + 1];
        Array.Fill(names, "");
        foreach (var channel in Enum.GetValues<Channel>())
        {
            names[(int)channel] = SnakeCase.Convert(channel);
        }
        return names;
    }
}
