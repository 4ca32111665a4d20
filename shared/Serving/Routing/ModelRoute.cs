using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace AiOs.Serving.Routing;

/// <summary>A model at work: who is asked for it, in which order.</summary>
sealed class ModelRoute
{
    readonly Deployment[] champions, canaries, fallbacks;

    public ModelRoute(RouteSettings settings, IReadOnlyList<Deployment> deployments)
    {
        Settings = settings;
        Deployments = deployments;
        QuotedName = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(settings.Name));
        champions = Of(DeploymentRole.Champion);
        canaries = Of(DeploymentRole.Canary);
        fallbacks = Of(DeploymentRole.Fallback);
        Shadows = Of(DeploymentRole.Shadow);

        Deployment[] Of(DeploymentRole role) => [.. deployments.Where(deployment => deployment.Settings.Role == role)];
    }

    public RouteSettings Settings { get; }

    public string Name => Settings.Name;

    /// <summary>The name as replies carry it: JSON, with its quotes.</summary>
    public byte[] QuotedName { get; }

    public IReadOnlyList<Deployment> Deployments { get; }

    /// <summary>Who gets copies.</summary>
    public IReadOnlyList<Deployment> Shadows { get; }

    /// <summary>Who is asked, in this order: a canary where the conversation falls to it, the champions, the fallbacks.</summary>
    /// <param name="sticky">What a conversation keeps its deployment by; null to draw lots.</param>
    public IReadOnlyList<Deployment> Targets(string? sticky)
    {
        if (canaries.Length == 0)
            return [.. champions, .. fallbacks];
        var point = sticky is null ? Random.Shared.NextDouble() : Point(sticky);
        foreach (var canary in canaries)
            if ((point -= canary.Settings.Share) < 0)
                return [canary, .. champions, .. fallbacks];
        return [.. champions, .. fallbacks];
    }

    /// <summary>Where a conversation lies in [0, 1): by SHA-256 of the model's name and its own, so that every instance says the same.</summary>
    double Point(string sticky) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{Name}\n{sticky}"))) / (double)ulong.MaxValue;
}
