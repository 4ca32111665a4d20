using AiOs.Models.Onnx;

namespace AiOs.Models.Conversion;

/// <summary>The weights of a BERT encoder (Devlin et al. 2019, https://arxiv.org/abs/1810.04805) in an ONNX file that PyTorch exported. Vectors keep the names they have there; the matrices of the
/// layers lost theirs, so they are known by their order: in each layer query, key, value, output, up, down.</summary>
sealed class BertWeights
{
    const int MatricesPerLayer = 6;
    readonly OnnxDocument document;
    readonly string[] products;

    public BertWeights(OnnxDocument document)
    {
        this.document = document;
        products = [.. document.AllNodes.Where(node => node is { Op: "MatMul", Inputs: [_, var right] } && document.Matrix(right) is not null).Select(node => node.Inputs[1])];
        if (products.Length == 0 || products.Length % MatricesPerLayer != 0)
            throw new InvalidDataException($"The graph has {products.Length} products with a constant matrix, and a layer of BERT has {MatricesPerLayer}.");
    }

    /// <summary>How many layers there are.</summary>
    public int Layers => products.Length / MatricesPerLayer;

    /// <summary>A table by its name, row-major.</summary>
    public float[] Table(string name) => document.Matrix($"embeddings.{name}.weight")?.Values ?? throw new InvalidDataException($"There is no table embeddings.{name}.weight.");

    /// <summary>A vector by its name.</summary>
    public float[] Vector(string name) => document.Vector(name) ?? throw new InvalidDataException($"There is no vector {name}.");

    /// <summary>A matrix of a layer, row-major, inputs by outputs.</summary>
    public float[] Matrix(int layer, BertMatrix which, int rows, int columns) => document.Matrix(products[layer * MatricesPerLayer + (int)which]) is var (height, width, values) && (height, width) == (rows, columns)
        ? values
        : throw new InvalidDataException($"The matrix '{which}' of layer {layer} is not {rows} by {columns}.");
}

/// <summary>The matrices of a layer, in the order in which they run.</summary>
enum BertMatrix
{
    Query,
    Key,
    Value,
    Output,
    Up,
    Down,
}
