using System.Text.Json.Nodes;
using FraudScoring.Core.Payments;

namespace FraudScoring.Training.Importing.Guessing;

/// <summary>Finds the columns that identify the payment, the payer and the merchant.</summary>
internal sealed class PartyGuess(IReadOnlyList<SampleColumn> columns, GuessedMapping mapping)
{
    private const int MostCardsOfAUser = 20;
    private const double LeastLuhnShare = 0.9;

    private static readonly string[] Ids =
    [
        "transactionid", "txid", "txnid", "trxid", "transid", "transnum", "transactionnumber", "transactionno", "transactionref",
        "transactionreference",
        "transactionuuid", "paymentid", "pmtid", "id", "uuid", "reference", "authid",
    ];

    private static readonly string[] Cards =
    [
        "card", "cardid", "cardno", "cardnum", "cardnumber", "cardtoken", "cardhash", "cardref", "cardpan", "ccnum", "ccnumber", "cc",
        "creditcard",
        "creditcardnumber", "pan", "panhash", "pantoken", "maskedpan", "tokenpan", "hashedpan", "cardindex",
    ];

    private static readonly string[] Accounts =
    [
        "account", "accountid", "accountno", "accountnum", "accountnumber", "accounttoken", "customer", "customerid", "customertoken",
        "cust", "custid",
        "user", "userid", "client", "clientid", "member", "memberid", "nameorig", "iban", "payer", "payerid", "cardholder", "cardholderid",
        "acctid",
    ];

    private static readonly string[] Merchants =
    [
        "merchant", "merchantid", "merchantname", "merchantno", "merchanttoken", "merch", "merchid", "merchname", "mid", "shop", "shopid",
        "store",
        "storeid", "seller", "sellerid", "vendor", "vendorid", "payee", "payeeid",
    ];

    private static readonly string[] Terminals = ["terminal", "terminalid", "tid", "posid"];
    private static readonly string[] Recipients = ["namedest", "recipient", "recipientid", "beneficiary", "beneficiaryid"];
    private static readonly string[] Devices = ["device", "deviceid", "devicetoken", "devicefingerprint", "deviceuuid", "fingerprint"];

    public void Place()
    {
        PlaceId();
        PlaceCard();
        PlaceToken("account", Accounts);
        PlaceToken("device", Devices);
        PlaceMerchant();
    }

    private IEnumerable<SampleColumn> Free => columns.Where(column => !mapping.IsUsed(column));

    private SampleColumn? Named(IReadOnlyCollection<string> names) =>
        Free.Where(column => column.Texts.Count > 0 && names.Contains(column.Joined)).Concat(
            Free.Where(column => column.Texts.Count > 0 && column.IsNamed(names))).FirstOrDefault();

    private void PlaceId()
    {
        foreach (var column in Free.Where(column => column.IsNamed(Ids) && column.Texts.Count > 0).ToList())
        {
            if (!column.IsUnique)
            {
                mapping.LeaveOut(column, "is named like a transaction id, but its texts repeat or are missing");
            }
            else if (!column.AreAll(text => text.Length <= PaymentLimits.TokenLength))
            {
                mapping.LeaveOut(column,
                    $"is named like a transaction id, but has texts of more than {PaymentLimits.TokenLength} characters");
            }
            else if (!mapping.Has("transaction_id"))
            {
                mapping.Place("transaction_id", column.Name, column.Joined == "id" ? 0.8 : 0.95,
                    "named like an id, and every row has its own", column);
            }
        }
    }

    private void PlaceCard()
    {
        // No card for payments begins with 1, but times in milliseconds do.
        var number = Free.FirstOrDefault(column =>
            column.ShareOf(text => text.Length >= 12 && text[0] != '1' && IsPan(text)) >= LeastLuhnShare);
        var column = Named(Cards) is { } named && (number is null || named.ShareOf(IsPan) > 0 || named.AreAll(TextShape.IsScientific))
            ? named : number;
        if (column is null)
        {
            DecideMissingCard();
        }
        else if (column.ShareOf(text => TextShape.IsScientific(text) || IsRounded(text)) > 0)
        {
            mapping.Decide($"card: {column.Name} is in scientific notation or has lost digits, so different cards look the same; export "
                + $"it as text");
            mapping.LeaveOut(column, "has lost the digits of card numbers");
        }
        else if (column.AreAll(text => text.Length <= 2 && TextShape.IsNumber(text)) && column.Distinct.Count <= MostCardsOfAUser)
        {
            PlaceNumberedCard(column);
        }
        else if (column.ShareOf(text => CardNumber.Matches(text)) > 0)
        {
            mapping.Place("card", new JsonObject { ["column"] = column.Name, ["hash"] = true }, column.IsNamed(Cards) ? 0.95 : 0.75,
                "holds card numbers (Luhn), so they are hashed; import needs --hash-key", column);
        }
        else
        {
            mapping.Place("card", column.Name, 0.9, "named like a card, and holds no card numbers in the clear", column);
        }
        if (column is { Missing: > 0 } && mapping.Has("card"))
        {
            mapping.Decide($"card: {column.Name} is missing in {column.Missing} rows of the sample; those rows would be invalid");
        }
    }

    private static bool IsPan(string text) => CardNumber.Matches(text);

    private static bool IsRounded(string text)
    {
        _ = CardNumber.DigitsOf(text, out var isRounded);
        return isRounded;
    }

    /// <summary>Cards numbered per user are the same card only for the same user.</summary>
    private void PlaceNumberedCard(SampleColumn card)
    {
        if (Named(Accounts) is not { } user)
        {
            mapping.Decide($"card: {card.Name} holds only {card.Distinct.Count} small numbers, as cards numbered per user do, but no "
                + $"column names a user");
            mapping.LeaveOut(card, "numbers the cards of a user");
            return;
        }
        mapping.Place("card", new JsonObject { ["expression"] = $"{user.InExpression} + '-' + {card.InExpression}" }, 0.85,
            $"{card.Name} numbers the cards of each {user.Name}, so both make the card", user, card);
        mapping.Place("account", user.Name, 0.85, "named like a customer or account", user);
    }

    private void DecideMissingCard()
    {
        var numbered = Free.Where(column => column.Words is ["card", _, ..]).Select(column => column.Name).ToList();
        mapping.Decide("card: no column identifies a card"
            + (numbered.Count > 0 ? $" ({string.Join(", ", numbered)} describe cards; none is named as its id)"
            : Named(Accounts) is { } account ? $"; if each {account.Name} has one card, set card to {account.Name}"
            : ""));
    }

    private void PlaceToken(string field, IReadOnlyCollection<string> names)
    {
        if (mapping.Has(field) || Named(names) is not { } column)
        {
            return;
        }
        if (column.ShareOf(IsRounded) > 0)
        {
            mapping.LeaveOut(column, "holds numbers that have lost digits; export it as text");
            return;
        }
        var hashes = column.ShareOf(IsPan) > 0;
        mapping.Place(field, hashes ? new JsonObject { ["column"] = column.Name, ["hash"] = true } : JsonValue.Create(column.Name),
            hashes ? 0.6 : 0.85,
            hashes ? "named so; some texts look like card numbers, so they are hashed" : field == "device" ? "named like a device id"
            : "named like a customer or account", column);
    }

    private void PlaceMerchant()
    {
        if (Named(Merchants) is { } merchant)
        {
            mapping.Place("merchant", merchant.Name, merchant.HasWord("name") ? 0.8 : 0.9, "named like a merchant", merchant);
            if (merchant.Missing > 0)
            {
                mapping.Decide($"merchant: {merchant.Name} is missing in {merchant.Missing} rows of the sample; those rows would be "
                    + $"invalid");
            }
        }
        else if (Named(Terminals) is { } terminal)
        {
            mapping.Place("merchant", terminal.Name, 0.5, "named like a terminal, the nearest to a merchant", terminal);
            mapping.Decide($"merchant: no column names the merchant; the terminal {terminal.Name} stands for it");
        }
        else
        {
            var recipient = Named(Recipients);
            mapping.Decide("merchant: no column identifies a merchant"
                + (recipient is null ? ""
                : $"; {recipient.Name} is the recipient, and may be set if all recipients are to count as merchants"));
            if (recipient is not null)
            {
                mapping.LeaveOut(recipient, "is the recipient, who may be a customer or a merchant");
            }
        }
    }
}
