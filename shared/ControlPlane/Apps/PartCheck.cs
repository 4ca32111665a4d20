using AiOs.Agents.Intent;
using AiOs.Agents.Retrieval;

namespace AiOs.ControlPlane.Apps;

/// <summary>A built part of a plan that cannot be used as it is.</summary>
/// <param name="Step">The step that it was built for.</param>
/// <param name="Reason">Why, with the part's name.</param>
public sealed record RefusedPart(string Step, string Reason);

/// <summary>Whether the trained and indexed parts of a plan still fit the encoders of today: after an upgrade of the OS they may not, and the app has to be built again.</summary>
public sealed class PartCheck(InstalledApps installed, IntentClassifier classifier, IKnowledgeSearch search)
{
    /// <summary>The parts of a plan that would be refused, in the order of its steps. A service that does not answer refuses nothing; a plan that is lost is refused itself.</summary>
    public async Task<IReadOnlyList<RefusedPart>> RefusedAsync(string planDigest, CancellationToken cancellationToken)
    {
        var (plan, damage) = await installed.ReadPlanAsync(planDigest, cancellationToken);
        if (plan is null)
            return [new("plan", damage!)];
        List<RefusedPart> refused = [];
        foreach (var step in plan.Steps)
            if (await ReasonAsync(step, cancellationToken) is { } reason)
                refused.Add(new(step.Id, reason));
        return refused;
    }

    async Task<string?> ReasonAsync(PlanStep step, CancellationToken cancellationToken)
    {
        try
        {
            if (step.Detect is { } detect)
                await classifier.CheckAsync(detect.HeadRef, cancellationToken);
            if (step.Retrieve is { } retrieve)
                await search.CheckAsync(retrieve.IndexRef, cancellationToken);
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
        catch (KnowledgeServiceException)
        {
            return null;
        }
    }
}
