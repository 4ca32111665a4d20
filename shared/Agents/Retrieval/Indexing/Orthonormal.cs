using System.Numerics.Tensors;

namespace AiOs.Agents.Retrieval.Indexing;

/// <summary>Modified Gram-Schmidt over the columns of a matrix that is stored by rows.</summary>
static class Orthonormal
{
    const double Vanishing = 1e-12;

    /// <summary>Makes the columns of length 1 and at right angles; a column that depends on those before it becomes zero.</summary>
    public static void Columns(float[] matrix, int columns)
    {
        var rows = matrix.Length / columns;
        var turned = new float[columns][];
        for (var column = 0; column < columns; column++)
        {
            var own = turned[column] = new float[rows];
            for (var row = 0; row < rows; row++)
                own[row] = matrix[(row * columns) + column];
        }

        for (var column = 0; column < columns; column++)
        {
            var own = turned[column];
            for (var before = 0; before < column; before++)
                TensorPrimitives.MultiplyAdd(turned[before], -TensorPrimitives.Dot(turned[before], own), own, own);
            var length = TensorPrimitives.Norm<float>(own);
            TensorPrimitives.Multiply(own, length > Vanishing ? 1 / length : 0, own);
            for (var row = 0; row < rows; row++)
                matrix[(row * columns) + column] = own[row];
        }
    }
}
