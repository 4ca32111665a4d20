using System.Text.Json;
using AiOs.ControlPlane.Runs;

namespace AiOs.ControlPlane.Conversations;

/// <summary>The thread around runs: what is known so far and what was asked. Masked.</summary>
/// <param name="App">The app; ids of conversations belong to their app.</param>
/// <param name="Id">1 to 64 of <c>A-Z a-z 0-9 . _ -</c>.</param>
/// <param name="Turn">How many runs have committed; 0 for a new one.</param>
/// <param name="Fields">Extracted fields by name.</param>
/// <param name="Intent">The intent under discussion.</param>
/// <param name="OpenQuestion">What the customer was asked last and has not answered.</param>
/// <param name="LastActiveAt">The last admission or commit.</param>
public sealed record Conversation(string App, string Id, long Turn, IReadOnlyDictionary<string, JsonElement> Fields, string? Intent, Question? OpenQuestion, DateTimeOffset LastActiveAt);

/// <summary>What a run leaves in its conversation.</summary>
/// <param name="Turn"><see cref="Conversation.Turn"/> as the run read it: nothing is written where it has moved on.</param>
/// <param name="Fields">All fields from now on.</param>
/// <param name="Intent">The intent from now on.</param>
/// <param name="OpenQuestion">The question from now on.</param>
public sealed record ConversationCommit(long Turn, IReadOnlyDictionary<string, JsonElement> Fields, string? Intent, Question? OpenQuestion);
