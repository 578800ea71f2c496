namespace FraudScoring.Core.Catalogue;

/// <summary>An entity as the file declares it.</summary>
internal sealed record EntityDraft(JsonNodeReader Node, string Name, List<PaymentField> Fields, int Recent, int Labels, int Attempts);
