using AiOs.Inference.Batching;
using AiOs.Models.Protocol;

namespace AiOs.Inference.Layouts;

/// <summary>A tensor that a model takes or gives; a dimension of -1 may have any length.</summary>
sealed record TensorMetadata(string Name, DataType Type, long[] Shape);

/// <summary>How requests of a model become a batch and its results become replies again. Two ship: rows of equal shape, and ragged sequences.</summary>
interface ILayout
{
    IReadOnlyList<TensorMetadata> Inputs { get; }

    IReadOnlyList<TensorMetadata> Outputs { get; }

    /// <summary>Checks the inputs against the model and makes them ready to run.</summary>
    /// <exception cref="ProtocolException">They do not fit.</exception>
    Work Prepare(InferRequest request);

    /// <summary>Whether two pieces of work can run in one batch.</summary>
    bool Together(Work one, Work other);

    /// <summary>Runs a batch and gives each piece its outputs (all of the model's, in their order).</summary>
    void Run(IReadOnlyList<Work> batch, Runner runner);

    /// <summary>Small pieces of work that touch every path of the model.</summary>
    IEnumerable<Work> WarmUp();
}
