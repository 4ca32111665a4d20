using AiOs.Models.Protocol;
using AiOs.Serving.Chat;
using AiOs.Serving.Wire;

namespace AiOs.Serving.Backends;

/// <summary>What a deployment gave back.</summary>
abstract class BackendReply;

/// <summary>A whole chat completion.</summary>
/// <param name="json">As it came.</param>
/// <param name="reply">What it says.</param>
sealed class WholeReply(byte[] json, WireReply reply) : BackendReply
{
    public byte[] Json => json;

    public WireReply Reply => reply;
}

/// <summary>Vectors of texts, in their order.</summary>
/// <param name="vectors">One a text, all of one length.</param>
/// <param name="tokens">As counted by the deployment; null where it does not say.</param>
/// <param name="version">Its version of the model, where it says one.</param>
sealed class VectorReply(IReadOnlyList<float[]> vectors, long? tokens, string? version) : BackendReply
{
    public IReadOnlyList<float[]> Vectors => vectors;

    public long? Tokens => tokens;

    public string? Version => version;

    /// <summary>Itself, where its vectors are as long as was asked for.</summary>
    /// <exception cref="ModelException">They are not: the model has one length, and says which.</exception>
    public VectorReply AsAsked(WireRequest request) => request.Dimensions is not { } wanted || wanted == vectors[0].Length ? this
        : throw new ModelException(ModelFailure.Rejected, $"The model's vectors have {vectors[0].Length} numbers.") { Status = 400, Param = "dimensions", HasWorked = true };
}

/// <summary>Tensors by name.</summary>
/// <param name="outputs">All elements that are numbers are finite, no name stands twice.</param>
/// <param name="version">The deployment's version of the model, where it says one.</param>
sealed class TensorReply(IReadOnlyList<Tensor> outputs, string? version) : BackendReply
{
    public IReadOnlyList<Tensor> Outputs { get; } = outputs.DistinctBy(output => output.Name).Count() == outputs.Count ? outputs : throw new ModelException(ModelFailure.Broken, "The answer has two outputs of one name.");

    public string? Version => version;

    /// <summary>Itself, with those outputs alone that were asked for.</summary>
    /// <exception cref="ModelException">One is not there.</exception>
    public TensorReply AsAsked(WireRequest request) => request.Tensors.Outputs is not { Count: > 0 } wanted ? this
        : new([.. wanted.Select(name => Outputs.FirstOrDefault(output => output.Name == name.Name) ?? throw new ModelException(ModelFailure.Rejected, $"There is no output '{name.Name}'.") { Status = 400, Param = "outputs", HasWorked = true })], version);
}
