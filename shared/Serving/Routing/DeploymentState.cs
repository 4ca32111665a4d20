namespace AiOs.Serving.Routing;

/// <summary>Whether a deployment is asked at the moment, by this instance.</summary>
public enum DeploymentState
{
    /// <summary>It is.</summary>
    Asked,

    /// <summary>It failed too often lately: its breaker is open. When its rest is over the next call tries.</summary>
    Open,

    /// <summary>Its rest is over; one call tries.</summary>
    Tried,

    /// <summary>It asked for patience (<c>Retry-After</c>).</summary>
    Rests,
}
