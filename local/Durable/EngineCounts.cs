namespace AiOs.Local.Durable;

/// <summary>What an engine has written since it started.</summary>
/// <param name="Changes">Changes: transitions of instances and entities, and what clients asked for.</param>
/// <param name="Commits">Groups that carried them, each made durable with one sync.</param>
/// <param name="Settlements">How often, besides, what the groups' log held was put into the tables: one sync or more each.</param>
public sealed record EngineCounts(long Changes, long Commits, long Settlements)
{
    /// <summary>What came after an earlier count.</summary>
    public EngineCounts Since(EngineCounts earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return new(Changes - earlier.Changes, Commits - earlier.Commits, Settlements - earlier.Settlements);
    }
}
