using AiOs.DataPlane;

namespace AiOs.ControlPlane.Conversations;

/// <summary>Reads conversations; a run's end writes them (<see cref="Runs.Runs.FinishAsync"/>).</summary>
public sealed class Conversations(Database database, TimeProvider clock)
{
    /// <summary>The conversation; an empty one, turn 0, where nobody has spoken.</summary>
    public async Task<Conversation> GetAsync(string app, string conversationId, CancellationToken cancellationToken) =>
        await database.ReadAsync(connection => ConversationTable.FindAsync(connection, app, conversationId), cancellationToken)
            ?? new Conversation(app, conversationId, 0, new Dictionary<string, System.Text.Json.JsonElement>(StringComparer.Ordinal), null, null, clock.GetUtcNow());
}
