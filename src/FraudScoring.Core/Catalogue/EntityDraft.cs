namespace FraudScoring.Core.Catalogue;

/// <summary>A declared entity, before its features are compiled.</summary>
internal sealed record EntityDraft(JsonNodeReader Node, string Name, List<PaymentField> Fields, int Recent, int Labels, int Attempts);
