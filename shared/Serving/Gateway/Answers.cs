using AiOs.Serving.Calls;
using AiOs.Serving.Chat;

namespace AiOs.Serving.Gateway;

/// <summary>A whole chat completion.</summary>
/// <param name="Json">In OpenAI's form, under the logical name of the model; personal values are tokens still.</param>
/// <param name="CallId">Names the call.</param>
/// <param name="Deployment">Who answered; null where nobody did.</param>
/// <param name="End">Where it came from.</param>
/// <param name="Usage">What it used and cost.</param>
/// <param name="SoftExceeded">Whether a soft budget is exceeded.</param>
public sealed record ChatAnswer(ReadOnlyMemory<byte> Json, string CallId, string? Deployment, CallEnd End, ModelUsage Usage, bool SoftExceeded);

/// <summary>Vectors of texts, in their order.</summary>
/// <param name="Vectors">One a text.</param>
/// <param name="Model">The logical name.</param>
/// <param name="CallId">Names the call.</param>
/// <param name="Deployment">Who made them.</param>
/// <param name="Usage">What it used and cost.</param>
/// <param name="SoftExceeded">Whether a soft budget is exceeded.</param>
public sealed record VectorAnswer(IReadOnlyList<float[]> Vectors, string Model, string CallId, string Deployment, ModelUsage Usage, bool SoftExceeded);

/// <summary>Tensors by name.</summary>
/// <param name="Json">In the form of the Open Inference Protocol, under the logical name of the model; personal values are tokens still.</param>
/// <param name="CallId">Names the call.</param>
/// <param name="Deployment">Who answered.</param>
/// <param name="Version">Its version of the model, where it says one.</param>
/// <param name="Usage">What it cost.</param>
/// <param name="SoftExceeded">Whether a soft budget is exceeded.</param>
public sealed record TensorAnswer(ReadOnlyMemory<byte> Json, string CallId, string Deployment, string? Version, ModelUsage Usage, bool SoftExceeded);
