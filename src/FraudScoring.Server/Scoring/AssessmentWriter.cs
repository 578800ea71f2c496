using System.Numerics;
using FraudScoring.Core.Catalogue;
using FraudScoring.Core.Decisions;
using FraudScoring.Inference.Batching;
using FraudScoring.Inference.Ensembles;
using Google.Protobuf.WellKnownTypes;

namespace FraudScoring.Server.Scoring;

/// <summary>Builds the messages of the reply and of the decision's Kafka record.</summary>
internal sealed class AssessmentWriter(FeatureCatalogue catalogue, DecisionPolicy policy, TimeProvider time)
{
    /// <summary>Builds the assessment, with the first <paramref name="reasons"/> reasons of the context.</summary>
    public V1.Assessment Write(
        ScoringContext context, PolicyOutcome outcome, EnsembleScore? score, Ensemble? ensemble, int reasons, DegradationSet degradations)
    {
        var assessment = new V1.Assessment
        {
            TransactionId = context.Payment.TransactionId,
            Decision = (V1.Decision)outcome.Decision,
            CatalogueHash = catalogue.Hash,
            PolicyHash = policy.Hash,
            ContributionsSkipped = context.AreContributionsSkipped,
            // Of version 7: the time comes first, so that ids sort by time.
            DecisionId = Guid.CreateVersion7(time.GetUtcNow()).ToString(),
        };
        Replace(assessment, degradations);
        if (score is { } known && ensemble is not null)
        {
            AddScore(assessment, context, known, ensemble);
        }
        for (var i = 0; i < reasons; i++)
        {
            var reason = context.Reasons[i];
            assessment.Reasons.Add(new V1.Reason { Code = reason.Code, Text = reason.Text, Contribution = reason.Contribution });
        }
        return assessment;
    }

    /// <summary>Writes the degradations over those of an assessment.</summary>
    public static void Replace(V1.Assessment assessment, DegradationSet degradations)
    {
        assessment.Degradation = (V1.Degradation)degradations.Worst;
        assessment.Degradations.Clear();
        foreach (var degradation in degradations)
        {
            assessment.Degradations.Add((V1.Degradation)degradation);
        }
    }

    /// <summary>Builds the decision's record.</summary>
    /// <param name="context">The payment, its features and how its history was read.</param>
    /// <param name="message">The payment as received.</param>
    /// <param name="assessment">The answer.</param>
    /// <param name="outcome">What the policy decided.</param>
    /// <param name="ensemble">The model that returned a score; null if none did.</param>
    /// <param name="lag">How far the profiles were behind the transactions.</param>
    public V1.DecisionEvent Event(ScoringContext context, V1.Payment message, V1.Assessment assessment, PolicyOutcome outcome,
        Ensemble? ensemble, TimeSpan lag)
    {
        var record = new V1.DecisionEvent
        {
            Payment = message,
            Assessment = assessment,
            DecisionTime = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
            BundleHash = ensemble?.Bundle.Hash ?? "",
            LagSeconds = lag.TotalSeconds,
            RatesHash = context.Rates.Hash,
        };
        record.Features.AddRange(context.Row);
        AddMatches(record, context, outcome);
        for (var e = 0; e < catalogue.Entities.Count; e++)
        {
            if (context.Reads.AreMissing[e])
            {
                record.MissingEntities.Add(catalogue.Entities[e].Name);
            }
        }
        return record;
    }

    private void AddMatches(V1.DecisionEvent record, ScoringContext context, PolicyOutcome outcome)
    {
        for (var fired = outcome.FiredRules; fired != 0; fired &= fired - 1)
        {
            var rule = policy.Rules[BitOperations.TrailingZeroCount(fired)];
            record.MatchedRules.Add(new V1.MatchedRule { Code = rule.Code, Then = (V1.Decision)rule.Then });
        }
        if (outcome.List == ListHit.None)
        {
            return;
        }
        foreach (var (list, field) in policy.FindListed(context.Payment))
        {
            record.MatchedListEntries.Add(new V1.MatchedListEntry { List = (V1.PolicyList)list, Field = field });
        }
    }

    private static void AddScore(V1.Assessment assessment, ScoringContext context, EnsembleScore score, Ensemble ensemble)
    {
        var manifest = ensemble.Bundle.Manifest;
        assessment.FraudProbability = score.Probability;
        assessment.Model = manifest.Model;
        assessment.ModelVersion = manifest.Version;
        assessment.MemberScores.Capacity = manifest.Members.Count;
        for (var m = 0; m < manifest.Members.Count; m++)
        {
            assessment.MemberScores.Add(new V1.MemberScore { Member = manifest.Members[m], Margin = context.MemberMargins[m] });
        }
    }
}
