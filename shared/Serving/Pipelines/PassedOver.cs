namespace AiOs.Serving.Pipelines;

/// <summary>Why a deployment was not asked at all.</summary>
enum PassReason
{
    /// <summary>It failed too often lately.</summary>
    CircuitOpen,

    /// <summary>Too many calls wait for it.</summary>
    Saturated,

    /// <summary>It could not finish in what is left.</summary>
    NoTime,
}

/// <summary>A deployment was not asked.</summary>
sealed class PassedOverException(PassReason reason) : Exception($"The deployment was not asked: {reason}.")
{
    public PassReason Reason => reason;
}
