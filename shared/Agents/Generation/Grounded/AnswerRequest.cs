using AiOs.Agents.Retrieval;
using AiOs.Serving.Gateway;

namespace AiOs.Agents.Generation.Grounded;

/// <summary>A message to answer from what was found.</summary>
/// <param name="App">The app; its vault keeps the originals of what is masked before it leaves.</param>
/// <param name="Model">The logical name of the model.</param>
/// <param name="Question">The message.</param>
/// <param name="Passages">What was found, best first.</param>
public sealed record AnswerRequest(string App, string Model, string Question, IReadOnlyList<Passage> Passages)
{
    /// <summary>For which run and principal the model is asked.</summary>
    public CallTerms Terms { get; init; } = new(App, "system");
}
