using System.Net;
using System.Text.Json.Nodes;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing.Guessing;

/// <summary>Finds the columns of the channel, the merchant's category, country, address and location.</summary>
internal sealed class DetailGuess(IReadOnlyList<SampleColumn> columns, GuessedMapping mapping)
{
    private static readonly string[] Categories = ["mcc", "mcccode", "merchantcategory", "merchantcategorycode", "merchcategory",
        "category", "categorycode"];
    private static readonly string[] Countries = ["country", "countrycode", "merchantcountry", "merchantcountrycode", "merchcountry",
        "shopcountry"];
    private static readonly string[] Addresses = ["ip", "ipaddress", "ipaddr", "clientip", "remoteip", "sourceip", "customerip",
        "deviceip"];
    private static readonly string[] Latitudes = ["lat", "latitude"], Longitudes = ["long", "longitude", "lon", "lng"];

    private static readonly string[] Channels =
        ["channel", "channelcode", "channeltype", "entrymode", "posentrymode", "usechip", "type", "presentment", "environment", "method"];

    private static readonly Dictionary<string, string> Meanings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["card_present"] = "card_present", ["chip transaction"] = "card_present", ["swipe transaction"] = "card_present",
        ["chip"] = "card_present",
        ["swipe"] = "card_present", ["pos"] = "card_present", ["in_store"] = "card_present", ["in store"] = "card_present",
        ["instore"] = "card_present", ["store"] = "card_present", ["cp"] = "card_present", ["present"] = "card_present",
        ["in-store"] = "card_present",
        ["contactless"] = "contactless", ["nfc"] = "contactless", ["tap"] = "contactless",
        ["ecommerce"] = "ecommerce", ["e-commerce"] = "ecommerce", ["ecom"] = "ecommerce", ["online"] = "ecommerce", ["web"] = "ecommerce",
        ["online transaction"] = "ecommerce", ["internet"] = "ecommerce", ["cnp"] = "ecommerce", ["app"] = "ecommerce",
        ["mobile"] = "ecommerce",
        ["atm"] = "atm", ["cash"] = "atm", ["moto"] = "mail_order", ["mail_order"] = "mail_order", ["phone"] = "mail_order",
        ["recurring"] = "recurring", ["subscription"] = "recurring",
    };

    public void Place()
    {
        PlaceChannel();
        PlaceFirst("merchant_category", Categories, IsCategory, 0.9, "all texts are codes of up to four digits",
            "holds texts, not codes of four digits (ISO 18245): translate them with values, or take them as a text attribute");
        PlaceFirst("country", Countries, Country.Exists, 0.9, "all texts are countries of ISO 3166 (two letters)",
            "holds other texts than countries of two letters: translate them with values");
        PlaceFirst("ip_address", Addresses, text => text.Any(c => c is '.' or ':')
            && IPAddress.TryParse(text, out _), 0.95, "all texts are addresses",
            "holds other texts than IP addresses");
        PlaceLocation();
    }

    private IEnumerable<SampleColumn> Free => columns.Where(column => !mapping.IsUsed(column));

    private void PlaceFirst(string field, string[] names, Predicate<string> test, double confidence, string reason, string whyNot)
    {
        foreach (var column in Free.Where(column => column.IsNamed(names) && column.Texts.Count > 0)
            .OrderBy(column => Array.IndexOf(names, column.Core)).ToList())
        {
            if (!column.AreAll(test))
            {
                mapping.LeaveOut(column, whyNot);
            }
            else if (!mapping.Has(field))
            {
                mapping.Place(field, column.Name, confidence, reason, column);
            }
        }
    }

    private static bool IsCategory(string text) => WholeNumber.TryNormalize(ref text) && text.Length is > 0 and <= 4
        && text.All(char.IsAsciiDigit);

    private void PlaceChannel()
    {
        foreach (var column in Free.Where(column => column.IsNamed(Channels) && column.Texts.Count > 0)
            .OrderBy(column => Array.IndexOf(Channels, column.Core)))
        {
            var texts = column.Distinct.Order(StringComparer.Ordinal).ToList();
            if (column.Missing > 0 || !texts.TrueForAll(Meanings.ContainsKey))
            {
                continue;
            }
            if (texts.TrueForAll(TextField.Channels.ContainsKey))
            {
                mapping.Place("channel", column.Name, 0.95, "all texts are names of channels", column);
                return;
            }
            var values = new JsonObject(texts.Select(text => KeyValuePair.Create<string, JsonNode?>(text, Meanings[text])));
            mapping.Place("channel", new JsonObject { ["column"] = column.Name, ["values"] = values }, 0.8,
                "all texts have the meaning of a channel", column);
            return;
        }
        mapping.Decide("channel: no column says how payments were made; set a constant or values: "
            + string.Join(", ", TextField.Channels.Keys));
    }

    private void PlaceLocation()
    {
        var latitude = Coordinate(Latitudes, 90);
        var longitude = latitude is null ? null : Coordinate(Longitudes, 180, latitude.Words.Count > 1 ? latitude.Words[0] : null);
        if (latitude is null || longitude is null)
        {
            return;
        }
        var isOfMerchant = latitude.Words.Count > 1;
        var reason = isOfMerchant ? "named like a coordinate of the merchant, and in its range"
            : "named like a coordinate, and in its range";
        mapping.Place("latitude", latitude.Name, isOfMerchant ? 0.9 : 0.6, reason, latitude);
        mapping.Place("longitude", longitude.Name, isOfMerchant ? 0.9 : 0.6, reason, longitude);
        if (!isOfMerchant)
        {
            mapping.Decide($"latitude, longitude: {latitude.Name} and {longitude.Name} must be the place of the payment, not the "
                + $"customer's home");
        }
        foreach (var other in Free.Where(column => column.Words.Any(word => Latitudes.Contains(word) || Longitudes.Contains(word)))
            .ToList())
        {
            mapping.LeaveOut(other, "is another coordinate, such as the customer's home; could be a number attribute");
        }
    }

    /// <summary>A coordinate, preferably the merchant's.</summary>
    private SampleColumn? Coordinate(string[] names, double most, string? first = null) => Free
        .Where(column => column.Words.Count > 0 && names.Contains(column.Words[^1])
            && (column.Words.Count == 1 || column.Words[0] is "merch" or "merchant" or "shop" or "store" or "terminal")
            && (first is null || column.Words[0] == first)
            && column.AreAll(text => TextShape.TryNumber(text, out var number) && Math.Abs(number) <= most))
        .OrderByDescending(column => column.Words.Count).FirstOrDefault();
}
